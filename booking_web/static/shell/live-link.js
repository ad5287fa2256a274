// SPDX-License-Identifier: AGPL-3.0-or-later
// Says whether the page is live.
"use strict";

(() => {
  const link = document.getElementById("live-link");
  const refresh = document.getElementById("refresh");

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

  document.addEventListener("guichet:live", (event) => show(event.detail.isLive));
})();
