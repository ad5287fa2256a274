// SPDX-License-Identifier: AGPL-3.0-or-later
// The line by which a page hears that something changed. As a shared worker it is one for all
// pages of the browser: a browser opens few connections to one server, and a page needs them.
"use strict";

// Calls `hear` with {isOpen, last}, with {id, words} for each change, and with {isReset} where
// too much was missed. Gives a function that tries at once, where the line is lost.
function openLiveStream(address, hear) {
  const FIRST_PAUSE_MS = 2000;
  const LONGEST_PAUSE_MS = 30000;
  let source = null;
  let last = 0;
  let pause = FIRST_PAUSE_MS;
  let timer = null;

  function note(event) {
    last = Math.max(last, Number(event.lastEventId) || 0);
  }

  function lose() {
    hear({ isOpen: false, last });
    // Refused, such as to who is signed out: a browser does not try that again by itself.
    if (source.readyState === EventSource.CLOSED) {
      source.close();
      source = null;
      timer = setTimeout(connect, pause);
      pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
    }
  }

  function connect() {
    clearTimeout(timer);
    if (source !== null) {
      return;
    }
    source = new EventSource(last > 0 ? `${address}?depuis=${last}` : address);
    source.addEventListener("hello", (event) => {
      note(event);
      pause = FIRST_PAUSE_MS;
      hear({ isOpen: true, last });
    });
    source.addEventListener("message", (event) => {
      note(event);
      hear({ id: Number(event.lastEventId), words: event.data.split(" ") });
    });
    source.addEventListener("reset", () => hear({ isReset: true }));
    source.addEventListener("error", lose);
  }

  connect();
  return connect;
}

if (typeof SharedWorkerGlobalScope !== "undefined" && self instanceof SharedWorkerGlobalScope) {
  const ports = new Set();
  // Nobody is told that the line is lost before it was tried.
  let state = null;
  let tryNow = null;

  self.onconnect = (event) => {
    const [port] = event.ports;
    ports.add(port);
    port.onmessage = () => ports.delete(port);
    if (state !== null) {
      port.postMessage(state);
    }
    if (tryNow !== null) {
      tryNow();
      return;
    }
    tryNow = openLiveStream("/direct", (told) => {
      if ("isOpen" in told) {
        state = told;
      } else if ("id" in told && state !== null) {
        state.last = Math.max(state.last, told.id);
      }
      for (const each of ports) {
        each.postMessage(told);
      }
    });
  };
}
