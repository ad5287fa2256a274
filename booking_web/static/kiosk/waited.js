// SPDX-License-Identifier: AGPL-3.0-or-later
// Counts the minutes that the resident has waited.
"use strict";

(() => {
  function tick() {
    const waited = document.querySelector(".waited");
    if (waited === null) {
      return;
    }
    const minutes = Math.floor((Date.now() / 1000 - Number(waited.dataset.since)) / 60);
    const words = minutes < 1 ? waited.dataset.none
      : minutes === 1 ? waited.dataset.one
        : waited.dataset.many.replace("{minutes}", String(minutes));
    if (waited.textContent !== words) {
      waited.textContent = words;
    }
  }

  window.setInterval(tick, 1000);
})();
