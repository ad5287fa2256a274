// SPDX-License-Identifier: AGPL-3.0-or-later
// Has a second screen that follows the draft go where the counsellor is: one request at a time,
// the newest place wins.
"use strict";

// biome-ignore lint/correctness/noUnusedVariables: called by filling.js
function screenFrame(server) {
  let wanted = null;
  let isBusy = false;

  function isShown() {
    return document.getElementById("shown")?.dataset.isShown === "1";
  }

  return async (values) => {
    wanted = values;
    while (wanted !== null && !isBusy && isShown()) {
      const next = wanted;
      wanted = null;
      isBusy = true;
      await server.send("cadrer", next);
      isBusy = false;
    }
  };
}
