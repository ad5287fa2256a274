// SPDX-License-Identifier: AGPL-3.0-or-later
// Some seconds in which what was done can be taken back.
"use strict";

// Calls `tell` with the seconds that are left, at once and then each second, and `over` at their
// end. Gives a function that stops it.
// biome-ignore lint/correctness/noUnusedVariables: called by desk.js
function undoTime(seconds, tell, over) {
  let left = seconds;
  tell(left);
  const timer = setInterval(() => {
    left -= 1;
    tell(left);
    if (left <= 0) {
      clearInterval(timer);
      over();
    }
  }, 1000);
  return () => clearInterval(timer);
}
