// SPDX-License-Identifier: AGPL-3.0-or-later
// How one chooses without the mouse: what the scripts of the booking form share.
"use strict";

function take(radio) {
  radio.focus();
  if (!radio.checked) {
    radio.checked = true;
    radio.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

// biome-ignore lint/correctness/noUnusedVariables: called by reasons.js and hours.js
function onDigit(event, radios) {
  if (/^[1-9]$/.test(event.key) && !event.ctrlKey && !event.altKey && !event.metaKey) {
    event.preventDefault();
    if (radios[event.key - 1] !== undefined) {
      take(radios[event.key - 1]);
    }
  }
}
