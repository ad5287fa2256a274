// SPDX-License-Identifier: AGPL-3.0-or-later
// Free hours: looked for when the reason changes, taken by their number. What the person chose
// is theirs: the page chooses nothing, and sends nothing that is not visibly chosen.
"use strict";

// biome-ignore lint/correctness/noUnusedVariables: called by booking.js
function quickenHours(form) {
  const when = document.getElementById("when");
  const slots = document.getElementById("slots");
  const missing = document.getElementById("when-missing");
  const nowWords = document.getElementById("now-words").textContent;
  let looks = 0;
  // What the person chose; an hour may be out of sight while others are looked for.
  let wish = chosen() === null ? "" : chosen().value;

  function chosen() {
    return when.querySelector("[name=when]:checked");
  }

  function say(words) {
    missing.hidden = words === "";
    missing.querySelector("span").textContent = words;
  }

  when.addEventListener("change", (event) => {
    if (event.target.name === "when") {
      wish = event.target.value;
      say("");
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

  // The hours of another reason go at once: nobody takes one of them by mistake.
  function clear() {
    const hadFocus = slots.contains(document.activeElement);
    slots.style.minHeight = `${slots.offsetHeight}px`;
    slots.setAttribute("aria-busy", "true");
    slots.replaceChildren(document.getElementById("slots-looking").content.cloneNode(true));
    document.getElementById("papers").replaceChildren();
    document.getElementById("now-words").textContent = nowWords;
    if (hadFocus) {
      document.getElementById("when-0").focus();
    }
  }

  async function look() {
    looks += 1;
    const turn = looks;
    const all = new FormData(form);
    const query = new URLSearchParams();
    for (const field of ["organisation", "relay", "interpreter"]) {
      query.set(field, all.get(field) || "");
    }
    clear();
    say("");
    let html = "";
    try {
      const answer = await fetch(`${form.dataset.hours}?${query}`);
      html = answer.ok ? await answer.text() : "";
    } catch {
      // Told below, as any other failure.
    }
    if (turn === looks) {
      slots.removeAttribute("aria-busy");
      slots.style.minHeight = "";
      if (html === "") {
        slots.replaceChildren(document.getElementById("slots-failed").content.cloneNode(true));
      } else {
        putIn(html);
        chooseAgain();
      }
    }
  }

  function putIn(html) {
    const parts = document.createRange().createContextualFragment(html);
    for (const id of ["papers", "now-words"]) {
      document.getElementById(id).replaceWith(parts.getElementById(id));
    }
    slots.replaceChildren(parts);
    const facts = document.getElementById("slots-facts").dataset;
    document.getElementById("slots-status").textContent = facts.said;
  }

  function chooseAgain() {
    const isInSight = wish === "" || wish === "now" || wish === "at";
    const again = Array.from(slots.querySelectorAll("[name=when]")).find(
      (radio) => radio.value === wish,
    );
    if (again !== undefined) {
      again.checked = true;
    } else if (!isInSight) {
      wish = "";
      say(form.dataset.hourGone);
    }
  }

  form.addEventListener("change", (event) => {
    if (["organisation", "relay", "interpreter"].includes(event.target.name)) {
      look();
    }
  });

  slots.addEventListener("click", (event) => {
    if (event.target.closest("#look-again") !== null) {
      look();
    }
  });

  // Enter in a field before leads on to the hours; the other buttons need none. What else is
  // missing the server says, with all that was typed.
  form.addEventListener("submit", (event) => {
    const isAsked = event.submitter !== null && event.submitter.name !== "";
    const all = new FormData(form);
    const isComplete = all.get("resident_name").trim() !== "" && all.has("organisation");
    if (chosen() === null && isComplete && !isAsked) {
      event.preventDefault();
      (slots.querySelector("[name=when]") || document.getElementById("when-0")).focus();
      say(slots.hasAttribute("aria-busy") ? form.dataset.hoursComing : form.dataset.noHour);
    }
  });
}
