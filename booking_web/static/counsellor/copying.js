// SPDX-License-Identifier: AGPL-3.0-or-later
// A button that copies what stands in a field, and says so on itself.
"use strict";

(() => {
  // Heard on the page: the button comes and goes with the call.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copies]");
    if (button === null) {
      return;
    }
    const field = document.getElementById(button.dataset.copies);
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      button.querySelector("span").textContent = button.dataset.copied;
    } catch {
      // It is marked: the reader's own keys copy it.
      field.focus();
    }
  });
})();
