// SPDX-License-Identifier: AGPL-3.0-or-later
// Shows that the line is cut once the server has been away for longer than it takes to start.
"use strict";

(() => {
  const PATIENCE_MS = 8000;
  const cut = document.getElementById("line-cut");
  let timer = null;

  document.addEventListener("guichet:live", (event) => {
    if (event.detail.isAnswered) {
      clearTimeout(timer);
      timer = null;
      cut.hidden = true;
    } else if (timer === null) {
      timer = setTimeout(() => {
        cut.hidden = false;
      }, PATIENCE_MS);
    }
  });
})();
