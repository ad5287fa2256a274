// SPDX-License-Identifier: AGPL-3.0-or-later
// Sends what changes fast without another page: the newest, one at a time.
"use strict";

// Gives a function that sends fields by and by; `token()` gives what they are sent with, `tell` is called with whether the last came, and why not.
// biome-ignore lint/correctness/noUnusedVariables: called by writing.js, pointing.js, read-aloud.js
function quietSender(address, token, tell, pauseMs = 0) {
  const ANSWER_MS = 8000;
  const AGAIN_MS = 1000;
  let next = null;
  let isBusy = false;
  const pause = (ms) => new Promise((resolve) => window.setTimeout(resolve, ms));

  async function post(fields) {
    const answer = await fetch(address, {
      method: "POST",
      body: new URLSearchParams({ csrf_token: token(), quiet: "1", ...fields }),
      redirect: "error",
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    const isSaid = answer.headers.get("Content-Type")?.startsWith("text/plain");
    return { status: answer.status, words: isSaid ? await answer.text() : "" };
  }

  async function sendAll() {
    isBusy = true;
    while (next !== null) {
      const fields = next;
      next = null;
      const { status, words } = await post(fields).catch(() => ({ status: 0, words: "" }));
      tell(status === 204, words);
      if (status === 0 || status >= 500) {
        // The line or the server: what is newest by then goes out again.
        next ??= fields;
        await pause(AGAIN_MS);
      } else if (pauseMs > 0) {
        await pause(pauseMs);
      }
    }
    isBusy = false;
  }

  return (fields) => {
    next = fields;
    if (!isBusy) {
      sendAll();
    }
  };
}

// Gives a function that says what failed, in the server's words or else in the form's own.
// biome-ignore lint/correctness/noUnusedVariables: called by writing.js, read-aloud.js
function quietTeller(form) {
  const told = form.querySelector(".quiet-told");
  return (isDone, words) => {
    const said = isDone ? "" : words || told.dataset.failed;
    if (told.textContent !== said) {
      told.textContent = said;
    }
  };
}
