// SPDX-License-Identifier: AGPL-3.0-or-later
// Whoever calls is shown in the frame before the call is taken; what is typed there stays.
"use strict";

// `offer` holds the link that opens the file where something is typed. Gives
// {show(address), hide(), showOnceThere(address, isWanted)}.
// biome-ignore lint/correctness/noUnusedVariables: called by desk.js
function openPopUp(dossier, offer, frame) {
  const link = offer.querySelector("a");
  link.addEventListener("click", (event) => {
    event.preventDefault();
    dossier.show(link.getAttribute("href"), true);
    offer.hidden = true;
    frame.focus();
  });
  return {
    show(address) {
      if (address) {
        offer.hidden = dossier.show(address);
        link.href = address;
      }
    },
    hide() {
      offer.hidden = true;
    },
    // Of a page that is there only once the server knows of the call.
    async showOnceThere(address, isWanted) {
      const [AGAIN_MS, LONGEST_MS] = [500, 30000];
      const until = performance.now() + LONGEST_MS;
      while (isWanted() && performance.now() < until) {
        const answer = await fetch(address, { method: "HEAD", redirect: "manual" }).catch(() => null);
        if (answer?.ok && isWanted()) {
          this.show(address);
          return;
        }
        await new Promise((resolve) => {
          setTimeout(resolve, AGAIN_MS);
        });
      }
    },
  };
}
