// SPDX-License-Identifier: AGPL-3.0-or-later
// Keeps the parts of a practice page true that change by themselves: the telephone, the ticks.
"use strict";

(() => {
  const EVERY_MS = 3000;
  const words = (place) => place.textContent.replace(/\s+/g, " ");

  async function ask(place) {
    if (document.hidden) {
      return;
    }
    try {
      const answer = await fetch(place.dataset.again, { cache: "no-store", redirect: "error" });
      if (!answer.ok) {
        return;
      }
      const came = document.createElement("template");
      came.innerHTML = await answer.text();
      // What the keyboard is in stays where it is until it has left.
      if (words(came.content) !== words(place) && !place.contains(document.activeElement)) {
        place.replaceChildren(came.content);
      }
    } catch {
      // The next time will do.
    }
  }

  for (const place of document.querySelectorAll("[data-again]")) {
    window.setInterval(ask, EVERY_MS, place);
  }
})();
