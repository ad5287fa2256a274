// SPDX-License-Identifier: AGPL-3.0-or-later
// What is filled in now, in letters that are read from two metres: its label, and below it what
// is written, the newest always in sight.
"use strict";

// biome-ignore lint/correctness/noUnusedVariables: called by mirror-sheet.js
function mirrorLarge(panel) {
  const label = panel.querySelector(".mirror-label");
  const value = panel.querySelector(".mirror-value");

  function write(element, words) {
    if (element.textContent !== words) {
      element.textContent = words;
    }
  }

  return {
    // Shows the words of what is framed where it is wanted; nothing of them is kept else.
    tell(words, isWanted) {
      const told = isWanted && words ? words : { label: "", value: "" };
      write(label, told.label);
      write(value, told.value);
      panel.hidden = told.label === "" && told.value === "";
      value.hidden = told.value === "";
      value.scrollTop = value.scrollHeight;
    },
  };
}
