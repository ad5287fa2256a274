// SPDX-License-Identifier: AGPL-3.0-or-later
// Says whether the page is live. Where it is not, that is in sight wherever one is on the page.
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

  // Who has scrolled away from its place sees it at the window's edge.
  new IntersectionObserver(([place]) => {
    link.classList.toggle("is-afloat", !place.isIntersecting);
  }).observe(link.parentElement);
  document.addEventListener("guichet:live", (event) => show(event.detail.isLive));
})();
