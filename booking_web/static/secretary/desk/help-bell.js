// SPDX-License-Identifier: AGPL-3.0-or-later
// Rings while somebody asks for help at a kiosk, where the browser allows a sound.
"use strict";

(() => {
  const EVERY_MS = 4000;
  const help = document.getElementById("help");
  const sound = document.getElementById("help-sound");
  const title = document.title;
  if (help === null || sound === null) {
    return;
  }

  function ring() {
    // An answer that is written into the same window takes the bell away, not its clock.
    if (!help.isConnected) {
      window.clearInterval(clock);
      return;
    }
    const isRinging = help.querySelector("[data-ringing]") !== null;
    // The tab says it too: a browser may forbid the sound until somebody has clicked.
    const words = isRinging ? `🔔 ${title}` : title;
    if (document.title !== words) {
      document.title = words;
    }
    if (isRinging) {
      sound.currentTime = 0;
      sound.play().catch(() => {});
    }
  }

  new MutationObserver(ring).observe(help, { childList: true });
  const clock = window.setInterval(ring, EVERY_MS);
  ring();
})();
