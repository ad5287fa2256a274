// SPDX-License-Identifier: AGPL-3.0-or-later
// Shows by the title that the page's script goes on: a mark that nobody sees comes and goes. The
// kiosk's own program (guichet-kiosk browse) looks at it, and begins a browser that hangs anew.
// It sees there too that somebody wants help, and gives the wish to the page that comes next.
"use strict";

(() => {
  const EVERY_MS = 4000;
  const BEAT = "\u200b";
  // Nobody sees the page, and its script is held back: it is not to be judged by its marks.
  const REST = "\u200c";
  const HELP = "\u2060";
  const plain = document.title;

  function beat() {
    // A wish for help that nobody was told of yet outlasts the browser (help-key.js).
    const title = document.documentElement.dataset.help === "wanted" ? plain + HELP : plain;
    if (document.hidden) {
      document.title = title + REST;
    } else {
      document.title = document.title === title ? title + BEAT : title;
    }
  }

  beat();
  window.setInterval(beat, EVERY_MS);
  document.addEventListener("visibilitychange", beat);
  document.addEventListener("guichet:help-state", beat);
})();
