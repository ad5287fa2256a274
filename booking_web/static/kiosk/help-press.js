// SPDX-License-Identifier: AGPL-3.0-or-later
// What a press of the help key means: help; held down for three seconds in a call, its end.
// It is heard and seen on the way, so that nobody ends a call without knowing.
"use strict";

(() => {
  const WARN_MS = 1000;
  const END_MS = 3000;
  const TICK_MS = 500;
  const AGAIN_MS = 3000;
  const ANSWER_MS = 8000;
  const form = document.getElementById("help-key");
  const warning = document.getElementById("end-call");
  const keys = new Set(form.dataset.keys.split(/\s+/));
  const root = document.getElementById("screen");
  let sounds = null;
  // The call in which the key is down, and since when.
  let held = null;
  let timer = null;

  // By the page itself: the server may be what is away.
  function beep(hertz, milliseconds) {
    sounds ??= new AudioContext();
    const tone = new OscillatorNode(sounds, { frequency: hertz });
    const loudness = new GainNode(sounds, { gain: 0.2 });
    tone.connect(loudness).connect(sounds.destination);
    tone.start();
    tone.stop(sounds.currentTime + milliseconds / 1000);
  }

  function callShown() {
    return root.querySelector("[data-call]")?.dataset.call ?? "";
  }

  function askForHelp() {
    document.dispatchEvent(new CustomEvent("guichet:help"));
  }

  function show(state) {
    warning.hidden = state === "";
    warning.dataset.state = state;
  }

  async function sendEnd(call) {
    const answer = await fetch(warning.dataset.url, {
      method: "POST",
      body: new URLSearchParams({ appointment: call }),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    return answer.ok;
  }

  // Until it is told, or the call is over by itself.
  async function end(call) {
    beep(330, 400);
    show("ending");
    while (callShown() === call && !(await sendEnd(call).catch(() => false))) {
      await new Promise((resolve) => window.setTimeout(resolve, AGAIN_MS));
    }
    if (held === null) {
      show("");
    }
  }

  function look() {
    const milliseconds = performance.now() - held.since;
    if (callShown() !== held.call) {
      release();
    } else if (milliseconds >= END_MS) {
      const { call } = held;
      held = null;
      window.clearInterval(timer);
      end(call);
    } else if (milliseconds >= WARN_MS) {
      show("warning");
      warning.style.setProperty("--part", `${(100 * milliseconds) / END_MS}%`);
      beep(520, 80);
    }
  }

  function press() {
    beep(660, 120);
    const call = callShown();
    if (call === "") {
      askForHelp();
      return;
    }
    held = { call, since: performance.now() };
    timer = window.setInterval(look, TICK_MS);
  }

  // Let go before the end, it is a wish for help.
  function release() {
    if (held === null) {
      return;
    }
    held = null;
    window.clearInterval(timer);
    show("");
    askForHelp();
  }

  function isHelp(event) {
    return keys.has(event.key === " " ? "Space" : event.key) || keys.has(event.code);
  }

  document.addEventListener("keydown", (event) => {
    if (!isHelp(event)) {
      return;
    }
    event.preventDefault();
    // A key that is held down repeats itself.
    if (!event.repeat && held === null) {
      press();
    }
  });
  document.addEventListener("keyup", (event) => {
    if (isHelp(event)) {
      release();
    }
  });
  window.addEventListener("blur", release);
})();
