// SPDX-License-Identifier: AGPL-3.0-or-later
// Sends the kiosk's help key to the desk; the answer comes with the screen's live stream.
"use strict";

(function () {
  const PAUSE_MS = 2000;
  const form = document.getElementById("help-key");
  const keys = new Set(form.dataset.keys.split(/\s+/));
  let sentAt = -PAUSE_MS;

  function ask(event) {
    event.preventDefault();
    // A key that is held down repeats itself.
    if (event.repeat || performance.now() - sentAt < PAUSE_MS) {
      return;
    }
    sentAt = performance.now();
    fetch(form.action, { method: "POST", redirect: "manual" }).catch(() => {
      sentAt = -PAUSE_MS;
    });
  }

  document.addEventListener("keydown", (event) => {
    if (keys.has(event.key === " " ? "Space" : event.key) || keys.has(event.code)) {
      ask(event);
    }
  });
  form.addEventListener("submit", ask);
})();
