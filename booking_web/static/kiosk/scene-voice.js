// SPDX-License-Identifier: AGPL-3.0-or-later
// Speaks a scene's words as it begins, once; silent as soon as another scene is shown.
"use strict";

(() => {
  // A page that is read again does not say again what was said.
  const KEY = "guichet-said";
  const root = document.getElementById("screen");
  const voice = new Audio();

  function speak() {
    const scene = root.querySelector("[data-said]");
    if (scene === null || sessionStorage.getItem(KEY) === scene.dataset.said) {
      return;
    }
    sessionStorage.setItem(KEY, scene.dataset.said);
    voice.pause();
    if (scene.dataset.voice) {
      voice.src = scene.dataset.voice;
      // Refused where the browser waits for a touch: the kiosk's own does not.
      voice.play().catch(() => {});
    }
  }

  new MutationObserver(speak).observe(root, { childList: true, subtree: true });
  speak();
})();
