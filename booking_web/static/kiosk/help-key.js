// SPDX-License-Identifier: AGPL-3.0-or-later
// Sends a wish for help (help-press.js) to the desk; the answer comes with the screen's live stream.
// What does not get there is said, and sent again until it does: the resident cannot know.
"use strict";

(() => {
  const PAUSE_MS = 2000;
  const AGAIN_MS = 3000;
  const ANSWER_MS = 8000;
  // Whoever asked so long ago is no longer there.
  const GIVE_UP_MS = 15 * 60 * 1000;
  const form = document.getElementById("help-key");
  const unsent = document.getElementById("help-unsent");
  const sending = document.getElementById("help-sending");
  let sentAt = -PAUSE_MS;
  let askedAt = 0;
  let isSending = false;

  async function send() {
    const answer = await fetch(form.action, {
      method: "POST",
      redirect: "manual",
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    // The server's yes is a redirect, for browsers without this script.
    return answer.type === "opaqueredirect" || answer.ok;
  }

  function keepFor(state) {
    document.documentElement.dataset.help = state;
    document.dispatchEvent(new CustomEvent("guichet:help-state"));
  }

  async function sendUntilTold() {
    isSending = true;
    keepFor("wanted");
    sending.hidden = false;
    while (!(await send().catch(() => false)) && performance.now() - askedAt < GIVE_UP_MS) {
      sending.hidden = true;
      unsent.hidden = false;
      await new Promise((resolve) => window.setTimeout(resolve, AGAIN_MS));
    }
    sending.hidden = true;
    unsent.hidden = true;
    isSending = false;
    keepFor("");
  }

  function ask() {
    if (performance.now() - sentAt < PAUSE_MS) {
      return;
    }
    sentAt = askedAt = performance.now();
    if (!isSending) {
      sendUntilTold();
    }
  }

  document.addEventListener("guichet:help", ask);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask();
  });
  // Of the page before, which could not tell it.
  const others = location.hash.replace(/[#&]aide$/, "");
  if (others !== location.hash) {
    history.replaceState(null, "", location.pathname + location.search + others);
    ask();
  }
})();
