// SPDX-License-Identifier: AGPL-3.0-or-later
// One key for the receipt, wherever its button is; it is said in the button.
"use strict";

(() => {
  const KEY = "F8";

  window.addEventListener("keydown", (event) => {
    if (event.key !== KEY || event.repeat || event.ctrlKey || event.altKey) {
      return;
    }
    // Looked for now: the button comes and goes with the call.
    const button = document.querySelector(`[aria-keyshortcuts="${KEY}"]`);
    if (button !== null) {
      event.preventDefault();
      button.click();
    }
  });
})();
