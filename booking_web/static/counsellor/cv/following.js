// SPDX-License-Identifier: AGPL-3.0-or-later
// Follows a CV that is written elsewhere: at a colleague's, or on another page of one's own.
"use strict";

// A field that goes on being typed is told of once (domain/cv/cv_rows.py, GOES_ON_FOR). So the page
// asks on by itself until nothing changed for longer than that. `look()` asks once; `revision()`
// gives what the page has seen.
// biome-ignore lint/correctness/noUnusedVariables: called by cv.js
function cvFollowing(look, revision) {
  const AGAIN_MS = 1200;
  const QUIET_AT_MOST = 3;
  let quiet = QUIET_AT_MOST;
  let isBusy = false;
  let isOver = false;
  const pause = () => new Promise((resolve) => setTimeout(resolve, AGAIN_MS));

  async function follow() {
    quiet = 0;
    if (isBusy) {
      return;
    }
    isBusy = true;
    let seen = -1;
    while (quiet < QUIET_AT_MOST && !isOver) {
      await look();
      quiet = revision() === seen ? quiet + 1 : 0;
      seen = revision();
      await pause();
    }
    isBusy = false;
  }

  return {
    follow,
    stop() {
      isOver = true;
    },
  };
}
