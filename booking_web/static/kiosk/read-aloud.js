// SPDX-License-Identifier: AGPL-3.0-or-later
// Reads aloud what the counsellor asks for, once; silent when they say so, or the call ends.
"use strict";

(() => {
  // A page that is read again does not begin again.
  const KEY = "guichet-read";
  const root = document.getElementById("mirror");
  const voice = new Audio();
  voice.preload = "auto";

  function fallSilent() {
    voice.pause();
    voice.removeAttribute("src");
    voice.load();
  }

  document.addEventListener("guichet:reading", (event) => {
    if (event.detail === null) {
      fallSilent();
      return;
    }
    const { call, number } = event.detail;
    const name = `${call} ${number}`;
    if (sessionStorage.getItem(KEY) === name) {
      return;
    }
    sessionStorage.setItem(KEY, name);
    voice.src = root.dataset.reading.replace("0", number);
    // Refused where the browser waits for a touch: the kiosk's own does not.
    voice.play().catch(() => {});
  });
})();
