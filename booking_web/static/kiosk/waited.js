// SPDX-License-Identifier: AGPL-3.0-or-later
// Counts the minutes that the resident has waited: from what the server says, whatever the kiosk's
// own clock does.
"use strict";

(() => {
  let drawn = null;
  let drawnAt = 0;

  function tick() {
    const waited = document.querySelector(".waited");
    if (waited === null) {
      return;
    }
    if (waited !== drawn) {
      drawn = waited;
      drawnAt = performance.now();
    }
    const since = (performance.now() - drawnAt) / 1000;
    const minutes = Math.floor((Number(waited.dataset.seconds) + since) / 60);
    const words = minutes < 1 ? waited.dataset.none
      : minutes === 1 ? waited.dataset.one
        : waited.dataset.many.replace("{minutes}", String(minutes));
    if (waited.textContent !== words) {
      waited.textContent = words;
    }
  }

  window.setInterval(tick, 1000);
})();
