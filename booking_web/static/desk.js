// SPDX-License-Identifier: AGPL-3.0-or-later
// Says whether the list is live, and keeps the keyboard's place when a button goes away.
"use strict";

(function () {
  const link = document.getElementById("live-link");
  const refresh = document.getElementById("refresh");
  let rowId = null;

  function show(isLive) {
    link.hidden = false;
    refresh.hidden = isLive;
    link.classList.toggle("is-lost", !isLive);
    const words = isLive ? link.dataset.live : link.dataset.lost;
    const text = link.querySelector("span");
    if (text.textContent !== words) {
      text.textContent = words;
    }
  }

  document.body.addEventListener("htmx:sseOpen", () => show(true));
  document.body.addEventListener("htmx:sseError", () => show(false));

  document.body.addEventListener("htmx:sseBeforeMessage", () => {
    const row = document.activeElement.closest("[data-appointment]");
    rowId = row === null ? null : row.id;
  });

  document.body.addEventListener("htmx:sseMessage", () => {
    const isLost = document.activeElement === null || document.activeElement === document.body;
    const row = rowId === null ? null : document.getElementById(rowId);
    if (isLost && row !== null) {
      row.focus();
    }
  });
})();
