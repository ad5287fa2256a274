// SPDX-License-Identifier: AGPL-3.0-or-later
// Has the kiosk read aloud by a key or a button, without another page. The buttons may come and
// go with the page's live parts.
"use strict";

(() => {
  function named(event) {
    return `${event.shiftKey ? "Shift+" : ""}${event.key}`;
  }

  function ask(form, what) {
    const token = () => form.elements.namedItem("csrf_token").value;
    const place = form.elements.namedItem("place")?.value ?? "";
    quietSender(form.action, token, quietTeller(form))({ what, place });
  }

  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-read-aloud]")) {
      event.preventDefault();
      ask(event.target, event.submitter?.value ?? "champ");
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.repeat || event.ctrlKey || event.altKey || event.metaKey) {
      return;
    }
    const form = document.querySelector("[data-read-aloud]");
    if (form === null) {
      // What is shown cannot be read: the key says so.
      const silent = document.querySelector("[data-why-silent]");
      if (silent !== null && event.key === "F9") {
        event.preventDefault();
        silent.textContent = silent.dataset.whySilent;
      }
      return;
    }
    const button = form.querySelector(`[data-key="${named(event)}"]`);
    if (button !== null) {
      event.preventDefault();
      ask(form, button.value);
    }
  });
})();
