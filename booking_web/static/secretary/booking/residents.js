// SPDX-License-Identifier: AGPL-3.0-or-later
// Finds residents as one types their name: the WAI-ARIA combobox pattern.
"use strict";

// biome-ignore lint/correctness/noUnusedVariables: called by booking.js
function quickenResident(form) {
  const name = document.getElementById("resident_name");
  const chosen = document.getElementById("resident_id");
  const list = document.getElementById("resident-options");
  const status = document.getElementById("resident-status");
  const hint = status.textContent;

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
    if (isOpen) {
      // Under banners, on a small screen, it would open below the edge.
      list.scrollIntoView({ block: "nearest" });
      name.scrollIntoView({ block: "nearest" });
    }
  }

  async function look() {
    const typed = name.value.trim();
    asked += 1;
    const turn = asked;
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
    // From none the first step down leads to the first, up to the last.
    const next = all[at < 0 && step < 0 ? all.length - 1 : (at + step + all.length) % all.length];
    for (const each of all) {
      each.setAttribute("aria-selected", String(each === next));
    }
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
    (subject || document.getElementById("subject-filter") || name).focus();
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
      const typed = name.value.trim();
      if (chosen.value === "" && shownFor !== typed) {
        await look();
      }
      // On a slow line one may have typed on, or gone on, meanwhile.
      if (name.value.trim() !== typed || document.activeElement !== name) {
        return;
      }
      const isForOne = chosen.value !== "" || active() !== null || options().length === 0;
      if (isForOne) {
        pick(chosen.value === "" ? active() : null);
      } else {
        // Several fit: nobody is taken that was not chosen.
        show(true);
        status.textContent = list.dataset.several;
      }
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
}
