// SPDX-License-Identifier: AGPL-3.0-or-later
// What the desk hears of itself from the server at once: the telephone alone would learn it with
// its next registration, and its counsellor would wait for calls that ring nowhere.
"use strict";

// Calls `heed` with each change of the bar, and tells whether the stream of news is lost, which a
// sign-in takes along. Gives whether an administrator took the telephone away.
// biome-ignore lint/correctness/noUnusedVariables: called by being-there.js
function heedNews(desk, heed) {
  document.addEventListener("guichet:live", ({ detail }) => heed(!detail.isLive));
  document.addEventListener("guichet:changed", () => heed(false));
  return () => desk.querySelector(".duty[data-revoked]") !== null;
}
