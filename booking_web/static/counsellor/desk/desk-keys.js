// SPDX-License-Identifier: AGPL-3.0-or-later
// Keys of the desk and of the page beside the call: Alt and Maj with the letter that a button names in
// `aria-keyshortcuts`.
"use strict";

// Tells whether a key that is pressed there would write.
function isWritten(element) {
  if (element === null || element === undefined) {
    return false;
  }
  const isButton = element.tagName === "INPUT" && ["button", "submit", "checkbox", "radio", "range", "file"].includes(element.type);
  return element.isContentEditable || element.tagName === "TEXTAREA" || element.tagName === "SELECT" || (element.tagName === "INPUT" && !isButton);
}

// Gives the button in `place` that a key presses, or null: it has to be seen, and a key that would
// write something presses none. The event may come from the frame.
// biome-ignore lint/correctness/noUnusedVariables: called by desk.js and page-keys.js
function buttonOfKey(place, event) {
  if (!event.altKey || !event.shiftKey || event.ctrlKey || event.metaKey || event.repeat || isWritten(event.target)) {
    return null;
  }
  // What stands on the key: an AZERTY keyboard has its A and its M in other places. Where Alt
  // writes a sign, as on a Mac, the place of the key is all there is.
  const letter = /^[a-z]$/i.test(event.key) ? event.key.toUpperCase() : event.code.replace("Key", "");
  const buttons = [...place.querySelectorAll("[aria-keyshortcuts]")];
  return buttons.find((each) => each.getAttribute("aria-keyshortcuts") === `Alt+Shift+${letter}` && each.closest("[hidden]") === null) ?? null;
}
