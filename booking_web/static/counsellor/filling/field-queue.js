// SPDX-License-Identifier: AGPL-3.0-or-later
// Sends fields as they are typed: one request at a time, of each field the newest value alone.
"use strict";

// `send(number, typed)` gives "kept", "refused", "again" (nobody answered) or "stop" (somebody
// else fills the form in); `tell(isLost)` is called whenever something changed. What is not kept
// stays here.
// biome-ignore lint/correctness/noUnusedVariables: called by filling.js
function fieldQueue(send, tell) {
  const FIRST_PAUSE_MS = 500;
  const LONGEST_PAUSE_MS = 5000;
  const waiting = new Map();
  let underway = null;
  let isBusy = false;
  let isStopped = false;
  let pauseMs = FIRST_PAUSE_MS;
  let wake = null;

  function pause() {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, pauseMs);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    });
  }

  function putBack(number, typed) {
    if (!waiting.has(number)) {
      waiting.set(number, typed);
    }
  }

  async function sendNext() {
    const [number, typed] = waiting.entries().next().value;
    waiting.delete(number);
    underway = { number, typed };
    const outcome = await send(number, typed);
    underway = null;
    if (isStopped) {
      // Whoever stopped it was given this, too.
      tell(false);
      return;
    }
    if (outcome === "again") {
      putBack(number, typed);
      tell(true);
      await pause();
      return;
    }
    pauseMs = FIRST_PAUSE_MS;
    if (outcome === "stop") {
      putBack(number, typed);
      isStopped = true;
    }
    tell(false);
  }

  async function run() {
    if (isBusy) {
      return;
    }
    isBusy = true;
    while (waiting.size > 0 && !isStopped) {
      await sendNext();
    }
    isBusy = false;
  }

  function unsaved() {
    const found = new Map(waiting);
    if (underway !== null && !found.has(underway.number)) {
      found.set(underway.number, underway.typed);
    }
    return found;
  }

  return {
    put(number, typed) {
      waiting.set(number, typed);
      tell(false);
      run();
    },
    // What is neither kept nor refused yet, by the field's number.
    unsaved,
    // Stops, and gives what was not kept: it is no business of the queue any more.
    stop() {
      isStopped = true;
      const found = unsaved();
      waiting.clear();
      return found;
    },
    resume() {
      isStopped = false;
      run();
    },
    tryNow: () => wake?.(),
  };
}
