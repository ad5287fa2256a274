// SPDX-License-Identifier: AGPL-3.0-or-later
// A button for what the browser's menu does without it.
"use strict";

(() => {
  const button = document.getElementById("print");
  button.hidden = false;
  button.addEventListener("click", () => window.print());
})();
