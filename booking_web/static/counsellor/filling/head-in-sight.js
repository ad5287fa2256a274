// SPDX-License-Identifier: AGPL-3.0-or-later
// Tells the style sheet how much of the window the head takes that stays in sight, so that
// nothing that has the keyboard stands below it.
"use strict";

(() => {
  const head = document.querySelector("[data-head-in-sight]");

  function tell() {
    const isStuck = getComputedStyle(head).position === "sticky";
    const height = isStuck ? Math.ceil(head.getBoundingClientRect().height) : 0;
    document.documentElement.style.setProperty("--head", `${height}px`);
  }

  new ResizeObserver(tell).observe(head);
  window.addEventListener("resize", tell);
})();
