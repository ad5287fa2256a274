// SPDX-License-Identifier: AGPL-3.0-or-later
// What the kiosk's own machine hears the counsellor say. It comes from the loopback of this
// machine alone (captions-way.js), and goes nowhere from here.
"use strict";

(() => {
  // It speaks every two seconds at least.
  const SILENT_MS = 6000;
  const SAID_MS = 10000;
  const panel = document.getElementById("captions");
  const lines = panel.querySelector(".captions-lines");
  const note = panel.querySelector(".captions-note");
  let heardAt = 0;
  let endedAt = null;

  function isInCall() {
    return document.querySelector("#screen [data-call]") !== null;
  }

  function put(isShown) {
    if (panel.hidden === isShown) {
      panel.hidden = !isShown;
      document.body.classList.toggle("is-captioned", isShown);
      // What is shown above has another room now.
      window.dispatchEvent(new Event("resize"));
    }
  }

  function clear() {
    lines.replaceChildren();
    endedAt = null;
    put(false);
  }

  // Sentences that stand there already are left alone: nothing flickers.
  function write(told) {
    while (lines.children.length > told.lines.length) {
      lines.firstChild.remove();
    }
    told.lines.forEach((text, number) => {
      const line = lines.children[number] ?? lines.appendChild(document.createElement("p"));
      if (line.textContent !== text) {
        line.textContent = text;
      }
      line.lang = told.language;
    });
  }

  function explain(state) {
    const words = { late: "captions-late", stopped: "captions-stopped" };
    note.textContent = document.getElementById(words[state] ?? "captions-wrong").textContent;
    panel.classList.toggle("captions-trouble", state in words);
  }

  // They go, and say so for a moment, where somebody read them.
  function stop() {
    if (panel.hidden) {
      return;
    }
    endedAt ??= performance.now();
    lines.replaceChildren();
    explain("stopped");
  }

  function show(told) {
    heardAt = performance.now();
    if (told.state === "off" || !isInCall()) {
      clear();
    } else if (told.state === "stopped") {
      stop();
    } else {
      endedAt = null;
      write(told);
      explain(told.state);
      put(true);
    }
  }

  function look() {
    const now = performance.now();
    if (!isInCall() || (endedAt !== null && now - endedAt > SAID_MS)) {
      clear();
    } else if (now - heardAt > SILENT_MS) {
      stop();
    }
  }

  const address = captionsWay();
  if (address === null) {
    return;
  }
  new MutationObserver(look).observe(document.getElementById("screen"), { childList: true });
  window.setInterval(look, 1000);
  const stream = new EventSource(address);
  stream.addEventListener("message", (event) => show(JSON.parse(event.data)));
  stream.addEventListener("error", stop);
})();
