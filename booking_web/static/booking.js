// SPDX-License-Identifier: AGPL-3.0-or-later
// Makes the booking form quick: residents found as one types (the WAI-ARIA combobox pattern),
// reasons filtered by words or taken by their number, free hours taken by theirs.
// Without it the form asks the same questions when it is sent.
"use strict";

function quicken(form) {
  document.documentElement.classList.add("js");
  const name = document.getElementById("resident_name");
  const chosen = document.getElementById("resident_id");
  const list = document.getElementById("resident-options");
  const status = document.getElementById("resident-status");
  const hint = status.textContent;
  const filter = document.getElementById("subject-filter");
  const cards = Array.from(form.querySelectorAll(".subject"));
  const slots = document.getElementById("slots");

  // --- The resident ---------------------------------------------------------------------

  const WAIT_MS = 120;
  let shownFor = null;
  let asked = 0;
  let timer = null;

  name.setAttribute("role", "combobox");
  name.setAttribute("aria-autocomplete", "list");
  name.setAttribute("aria-controls", list.id);
  name.setAttribute("aria-expanded", "false");

  const options = () => Array.from(list.querySelectorAll("[role=option]"));
  const active = () => list.querySelector("[aria-selected=true]");

  function show(isOpen) {
    list.hidden = !isOpen;
    name.setAttribute("aria-expanded", String(isOpen));
    if (isOpen && active() !== null) {
      name.setAttribute("aria-activedescendant", active().id);
    } else {
      name.removeAttribute("aria-activedescendant");
    }
  }

  async function look() {
    const typed = name.value.trim();
    const turn = (asked += 1);
    clearTimeout(timer);
    if (typed === "") {
      shownFor = "";
      show(false);
      return;
    }
    const body = new FormData();
    for (const field of ["csrf_token", "relay", "resident_name"]) {
      body.append(field, form.elements[field].value);
    }
    try {
      const answer = await fetch(form.dataset.suggest, { method: "POST", body });
      const html = answer.ok ? await answer.text() : "";
      if (turn === asked) {
        list.innerHTML = html;
        shownFor = typed;
        show(options().length > 0 && document.activeElement === name);
      }
    } catch {
      show(false);
    }
  }

  function move(step) {
    const all = options();
    const at = all.indexOf(active());
    const next = all[(at + step + all.length) % all.length];
    all.forEach((each) => each.setAttribute("aria-selected", String(each === next)));
    next.scrollIntoView({ block: "nearest" });
    show(true);
  }

  function pick(option) {
    if (option !== null) {
      chosen.value = option.dataset.id;
      name.value = option.dataset.name || name.value.trim();
      status.textContent = option.dataset.said;
      status.classList.add("is-said");
    }
    shownFor = name.value.trim();
    show(false);
    const subject = form.querySelector("[name=organisation]:checked");
    (subject || filter || name).focus();
  }

  name.addEventListener("input", () => {
    chosen.value = "";
    status.textContent = hint;
    status.classList.remove("is-said");
    clearTimeout(timer);
    timer = setTimeout(look, WAIT_MS);
  });

  name.addEventListener("keydown", async (event) => {
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && name.value !== "") {
      event.preventDefault();
      if (shownFor !== name.value.trim()) {
        await look();
      } else if (options().length > 0) {
        move(event.key === "ArrowDown" ? 1 : -1);
      }
    } else if (event.key === "Enter" && name.value.trim() !== "") {
      event.preventDefault();
      if (chosen.value === "" && shownFor !== name.value.trim()) {
        await look();
      }
      pick(chosen.value === "" ? active() : null);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      show(false);
    }
  });

  name.addEventListener("blur", () => show(false));
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => pick(event.target.closest("[role=option]")));
  // A page that arrives slowly may have been typed into already.
  if (name.value.trim() !== "" && document.activeElement === name) {
    look();
  }

  // --- The reason -----------------------------------------------------------------------

  const plain = (text) =>
    text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/œ/g, "oe");
  const visible = () => cards.filter((card) => !card.hidden);

  function number() {
    visible().forEach((card, index) => {
      card.dataset.key = index < 9 ? String(index + 1) : "";
    });
  }

  function take(radio) {
    radio.focus();
    if (!radio.checked) {
      radio.checked = true;
      radio.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }

  function takeCard(card) {
    if (card !== undefined) {
      take(card.querySelector("input"));
    }
  }

  function onDigit(event, radios) {
    if (/^[1-9]$/.test(event.key) && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      if (radios[event.key - 1] !== undefined) {
        take(radios[event.key - 1]);
      }
    }
  }

  function isMeant(words) {
    const typed = plain(filter.value).split(/[^\p{L}\p{N}]+/u).filter(Boolean);
    const known = words.split(" ");
    return typed.every((word) => known.some((each) => each.startsWith(word)));
  }

  if (filter !== null) {
    filter.hidden = false;
    number();
    filter.addEventListener("input", () => {
      cards.forEach((card) => {
        card.hidden = !isMeant(card.dataset.words);
      });
      document.getElementById("subjects-none").hidden = visible().length > 0;
      number();
    });
    filter.addEventListener("keydown", (event) => {
      const radios = visible().map((card) => card.querySelector("input"));
      if (filter.value === "") {
        onDigit(event, radios);
      }
      if (event.key === "ArrowDown" && radios.length > 0) {
        event.preventDefault();
        (radios.find((radio) => radio.checked) || radios[0]).focus();
      } else if (event.key === "Enter" && filter.value.trim() !== "") {
        event.preventDefault();
        takeCard(visible().find((card) => isMeant(card.dataset.own)) || visible()[0]);
      }
    });
    document.getElementById("subjects").addEventListener("keydown", (event) => {
      if (event.target.type === "radio") {
        onDigit(event, visible().map((card) => card.querySelector("input")));
      }
    });
  }

  // --- The hour -------------------------------------------------------------------------

  const when = document.getElementById("when");
  // What the person chose; what the page chose for them may change with the reason.
  let touched = null;
  let isLooking = false;
  let hoursAsked = 0;
  // The button of a form that was sent before its hours were there.
  let sentBy = null;

  when.addEventListener("change", (event) => {
    if (event.target.name === "when") {
      touched = event.target.value;
    }
  });

  when.addEventListener("keydown", (event) => {
    if (event.target.type !== "radio") {
      return;
    }
    if (event.key === "0") {
      event.preventDefault();
      take(document.getElementById("when-0"));
    } else {
      onDigit(event, slots.querySelectorAll("[name=when]"));
    }
  });

  async function lookForHours() {
    const turn = (hoursAsked += 1);
    isLooking = true;
    slots.setAttribute("aria-busy", "true");
    const all = new FormData(form);
    const query = new URLSearchParams();
    for (const field of ["organisation", "relay"]) {
      query.set(field, all.get(field) || "");
    }
    let html = "";
    try {
      const answer = await fetch(`${form.dataset.hours}?${query}`);
      html = answer.ok ? await answer.text() : "";
    } catch {
      // The server says what is wrong when the form is sent.
    }
    if (turn === hoursAsked) {
      isLooking = false;
      slots.removeAttribute("aria-busy");
      if (html !== "") {
        putIn(html);
        chooseHour();
      } else if (touched === null) {
        unchoose();
      }
      sendAtLast();
    }
  }

  function putIn(html) {
    const parts = document.createRange().createContextualFragment(html);
    for (const id of ["papers", "now-words"]) {
      document.getElementById(id).replaceWith(parts.getElementById(id));
    }
    slots.replaceChildren(parts);
  }

  const hours = () => Array.from(when.querySelectorAll("[name=when]"));

  // Nobody is called "now" because Enter was pressed before an hour was there.
  function unchoose() {
    hours().forEach((radio) => {
      radio.checked = false;
    });
  }

  function chooseHour() {
    const facts = document.getElementById("slots-facts").dataset;
    const again = touched && hours().find((radio) => radio.value === touched);
    if (again) {
      again.checked = true;
    } else if (facts.hasHours && !facts.first) {
      unchoose();
    } else if (!facts.hasHours) {
      document.getElementById("when-0").checked = true;
    }
    document.getElementById("slots-status").textContent = facts.said;
  }

  function sendAtLast() {
    if (sentBy !== null) {
      const button = sentBy;
      sentBy = null;
      form.requestSubmit(button);
    }
  }

  form.addEventListener("change", (event) => {
    if (event.target.name === "organisation" || event.target.name === "relay") {
      lookForHours();
    }
  });

  // Enter may come before the hours do: what is sent then is what they bring. A button among
  // hours that are about to go means those, and is pressed anew.
  form.addEventListener("submit", (event) => {
    if (isLooking) {
      event.preventDefault();
      sentBy = slots.contains(event.submitter) ? null : event.submitter;
    }
  });
}

// The page waits for this script before it shows its body, and this element stands behind the
// form's last field: nobody types into a form that would be sent by the first Enter.
customElements.define(
  "booking-behaviour",
  class extends HTMLElement {
    connectedCallback() {
      quicken(this.closest("form"));
    }
  },
);

// Where the form arrives in pieces, it is not sent before the last of them is there.
document.addEventListener("submit", (event) => {
  const isReady = document.documentElement.classList.contains("js");
  if (event.target.id === "booking-form" && !isReady) {
    event.preventDefault();
  }
});
