// SPDX-License-Identifier: AGPL-3.0-or-later
// The desk's words and the places where they stand.
"use strict";

// `words` holds each sentence by its key. Gives {button, place, say, aloud, notice}.
// biome-ignore lint/correctness/noUnusedVariables: called by desk.js
function deskWords(desk, words) {
  const place = (name) => desk.querySelector(`[data-place="${name}"]`);
  return {
    place,
    button: (name) => desk.querySelector(`[data-act="${name}"]`),
    say(key, values = {}) {
      const found = words.querySelector(`[data-word="${key}"]`)?.textContent ?? key;
      return Object.entries(values).reduce((text, [name, value]) => text.replace(`{${name}}`, value), found);
    },
    aloud(text) {
      place("said").textContent = text;
    },
    // A notice without words is hidden; each place has one at a time.
    notice(name, text) {
      const element = place(name);
      element.hidden = text === "";
      (element.firstElementChild ?? element).textContent = text;
    },
  };
}
