// SPDX-License-Identifier: AGPL-3.0-or-later
// Asks before a page is left on which something was typed and not saved.
"use strict";

(() => {
  document.querySelectorAll("form[data-unsaved]").forEach((form) => {
    let isUnsaved = form.dataset.unsaved === "yes";
    form.addEventListener("input", () => {
      isUnsaved = true;
    });
    // Told by scripts that change what is sent.
    form.addEventListener("changed", () => {
      isUnsaved = true;
    });
    form.addEventListener("submit", () => {
      isUnsaved = false;
    });
    window.addEventListener("beforeunload", (event) => {
      if (isUnsaved) {
        event.preventDefault();
      }
    });
  });
})();
