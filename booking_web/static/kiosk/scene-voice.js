// SPDX-License-Identifier: AGPL-3.0-or-later
// Speaks a scene's words as it begins, once; silent as soon as another scene is shown.
"use strict";

(() => {
  // A page that is read again does not say again what was said.
  const KEY = "guichet-said";
  // Who sits there and waits is told that the line is cut; in a call the counsellor may go on.
  const WHILE = ["page", "queue"];
  const root = document.getElementById("screen");
  const cut = document.getElementById("line-cut");
  const voice = new Audio();
  // Fetched beforehand: once it is needed nobody can be asked for it.
  const cutVoice = new Audio();
  cutVoice.preload = "auto";

  // Refused where the browser waits for a touch: the kiosk's own does not.
  function play(sound) {
    sound.play().catch(() => {});
  }

  function speak() {
    const scene = root.querySelector("[data-said]");
    if (scene === null || sessionStorage.getItem(KEY) === scene.dataset.said) {
      return;
    }
    sessionStorage.setItem(KEY, scene.dataset.said);
    voice.pause();
    if (scene.dataset.speaker === "page") {
      voice.src = scene.dataset.voice;
      play(voice);
    }
  }

  function fetchBeforehand() {
    const { voice: address } = cut.querySelector("[data-voice]").dataset;
    if (cutVoice.dataset.address !== address) {
      cutVoice.dataset.address = address;
      cutVoice.src = address;
    }
  }

  function speakOfTheLine() {
    const speaker = root.querySelector("[data-said]")?.dataset.speaker;
    cutVoice.pause();
    if (!cut.hidden && WHILE.includes(speaker)) {
      voice.pause();
      cutVoice.currentTime = 0;
      play(cutVoice);
    }
  }

  // After a call the browser is wiped and begins anew: the good-bye was said. A page that is
  // read again knows what it said.
  function passOverGoodbye() {
    const scene = root.querySelector(".scene-goodbye");
    if (scene !== null && sessionStorage.getItem(KEY) === null) {
      sessionStorage.setItem(KEY, scene.dataset.said);
    }
  }

  new MutationObserver(speak).observe(root, { childList: true, subtree: true });
  new MutationObserver(speakOfTheLine).observe(cut, { attributeFilter: ["hidden"] });
  new MutationObserver(fetchBeforehand).observe(cut, { subtree: true, attributeFilter: ["data-voice"] });
  fetchBeforehand();
  passOverGoodbye();
  speak();
})();
