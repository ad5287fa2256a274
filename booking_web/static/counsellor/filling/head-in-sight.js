// SPDX-License-Identifier: AGPL-3.0-or-later
// Tells the style sheet how much of the window is taken by the head that stays in sight, and in a
// narrow window by the sheet at its foot, so that nothing that has the keyboard stands below them.
"use strict";

(() => {
  const root = document.documentElement.style;
  const head = document.querySelector("[data-head-in-sight]");
  const foot = document.querySelector("[data-foot-in-sight]");

  function heightOf(part, side) {
    const style = getComputedStyle(part);
    const isStuck = style.position === "sticky" && style[side] !== "auto";
    return isStuck ? Math.ceil(part.getBoundingClientRect().height) : 0;
  }

  function tell() {
    root.setProperty("--head", `${heightOf(head, "top")}px`);
    if (foot !== null) {
      root.setProperty("--foot", `${heightOf(foot, "bottom")}px`);
    }
  }

  const observer = new ResizeObserver(tell);
  for (const part of [head, foot]) {
    if (part !== null) {
      observer.observe(part);
    }
  }
  window.addEventListener("resize", tell);
})();
