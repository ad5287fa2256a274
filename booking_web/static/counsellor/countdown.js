// SPDX-License-Identifier: AGPL-3.0-or-later
// Goes on with the countdown to the next appointment, by the server's clock. It stands in no
// place that is read aloud when it changes: who listens reads it when they want to.

const TICK_MS = 1000;
const MINUTE_MS = 60_000;
const HOUR_MINUTES = 60;

// How much this computer's clock is behind the server's, as the page was drawn.
let behindMs = 0;
let drawnAt = "";

function minutesInWords(minutes, words) {
  if (minutes < HOUR_MINUTES) {
    return words.minutes.replace("%m", minutes);
  }
  const hours = Math.floor(minutes / HOUR_MINUTES);
  const left = String(minutes % HOUR_MINUTES).padStart(2, "0");
  return words.hours.replace("%h", hours).replace("%m", left);
}

function countdownInWords(leftMs, words) {
  if (leftMs > 0) {
    return words.until.replace("%t", minutesInWords(Math.ceil(leftMs / MINUTE_MS), words));
  }
  const late = Math.floor(-leftMs / MINUTE_MS);
  return late === 0 ? words.now : words.since.replace("%t", minutesInWords(late, words));
}

function tick() {
  for (const place of document.querySelectorAll("[data-countdown]")) {
    const leftMs = Date.parse(place.dataset.countdown) - (Date.now() + behindMs);
    const said = countdownInWords(leftMs, place.dataset);
    if (place.textContent !== said) {
      place.textContent = said;
    }
  }
}

// What the server wrote is what its clock said when it drew the part, `agoMs` ago.
function setClock(agoMs) {
  const place = document.querySelector("[data-countdown]");
  if (place !== null && place.dataset.now !== drawnAt) {
    drawnAt = place.dataset.now;
    behindMs = Date.parse(drawnAt) + agoMs - Date.now();
  }
}

function begin() {
  const [navigation] = performance.getEntriesByType("navigation");
  setClock(performance.now() - (navigation?.responseStart ?? 0));
  tick();
  setInterval(tick, TICK_MS);
  document.addEventListener("visibilitychange", tick);
  document.addEventListener("guichet:changed", () => {
    setClock(0);
    tick();
  });
}

begin();
