// SPDX-License-Identifier: AGPL-3.0-or-later
// Sends what is written to the resident as it is typed.
"use strict";

(() => {
  for (const form of document.querySelectorAll("[data-writing]")) {
    const area = form.querySelector("textarea");
    const token = () => form.elements.namedItem("csrf_token").value;
    const send = quietSender(form.action, token, quietTeller(form));
    form.querySelector("[data-by-scripts-alone]").hidden = true;
    area.addEventListener("input", () => send({ words: area.value }));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (event.submitter?.name === "effacer") {
        area.value = "";
        area.focus();
      }
      send({ words: area.value });
    });
  }
})();
