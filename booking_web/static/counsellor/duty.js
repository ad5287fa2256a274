// SPDX-License-Identifier: AGPL-3.0-or-later
// Counts down what is left of the time to write after a call. By the server's clock: what was
// left when the page was drawn, and what has passed here since.

const TICK_MS = 1000;
let until = "";
let endsAt = 0;

function words(seconds) {
  const minutes = Math.floor(seconds / 60);
  const rest = `${seconds % 60} s`;
  return minutes > 0 ? `${minutes} min ${rest}` : rest;
}

function tick() {
  const place = document.getElementById("duty-left");
  if (place === null) {
    until = "";
    return;
  }
  if (place.dataset.until !== until) {
    until = place.dataset.until;
    endsAt = performance.now() + 1000 * Number(place.dataset.seconds);
  }
  const left = Math.max(0, Math.round((endsAt - performance.now()) / 1000));
  place.textContent = `${place.dataset.in} ${words(left)}`;
}

document.addEventListener("guichet:changed", tick);
window.setInterval(tick, TICK_MS);
tick();
