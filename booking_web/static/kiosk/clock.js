// SPDX-License-Identifier: AGPL-3.0-or-later
// Turns the hands of the free screen's clock: by the server's hour, whatever the kiosk's own says.
"use strict";

(() => {
  const MINUTE_MS = 60000;
  let drawn = "";
  let drawnAt = 0;

  function turn(clock, selector, degrees) {
    const text = `rotate(${degrees.toFixed(1)} 240 180)`;
    const hand = clock.querySelector(selector);
    if (hand.getAttribute("transform") !== text) {
      hand.setAttribute("transform", text);
    }
  }

  function tick() {
    const clock = document.querySelector(".clock");
    if (clock === null) {
      return;
    }
    if (clock.dataset.now !== drawn) {
      drawn = clock.dataset.now;
      drawnAt = performance.now();
    }
    const wall = Number(clock.dataset.minutes) + (performance.now() - drawnAt) / MINUTE_MS;
    turn(clock, ".hand-hours", (wall / 2) % 360);
    turn(clock, ".hand-minutes", (Math.floor(wall) * 6) % 360);
  }

  window.setInterval(tick, 1000);
})();
