// SPDX-License-Identifier: AGPL-3.0-or-later
// Says that a file is on its way where that takes more than a second.
"use strict";

(() => {
  const PATIENCE_MS = 1000;

  document.querySelectorAll("[data-sending]").forEach((words) => {
    const form = words.closest("form");
    let timer = null;
    form.addEventListener("submit", () => {
      const buttons = form.querySelectorAll("button[type=submit]");
      form.setAttribute("aria-busy", "true");
      timer = setTimeout(() => {
        words.hidden = false;
        buttons.forEach((button) => {
          button.disabled = true;
        });
      }, PATIENCE_MS);
    });
    // One comes back to a page as it was left.
    window.addEventListener("pageshow", () => {
      clearTimeout(timer);
      form.removeAttribute("aria-busy");
      words.hidden = true;
      form.querySelectorAll("button[type=submit]").forEach((button) => {
        button.disabled = false;
      });
    });
  });
})();
