// SPDX-License-Identifier: AGPL-3.0-or-later
// The bar of the counsellor's duty beside the call: its buttons leave the page as it is. What it
// shows comes as in any live page (shell/live.js).
"use strict";

(() => {
  const WAITED_MS = 15000;
  const root = document.querySelector("[data-live]");
  const bar = document.getElementById("duty");
  const trouble = document.getElementById("duty-trouble");
  const put = livePlaces(root);

  function tell(words) {
    trouble.textContent = words;
    trouble.hidden = words === "";
  }

  async function look() {
    const answer = await fetch(`${root.dataset.live}?vu=duty:${bar.dataset.seen}`, {
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(WAITED_MS),
    });
    if (answer.status === 200) {
      put(await answer.text());
    }
  }

  async function send(form, body) {
    form.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body,
        redirect: "error",
        signal: AbortSignal.timeout(WAITED_MS),
      });
      const isText = answer.headers.get("Content-Type")?.startsWith("text/plain") === true;
      const words = answer.ok ? "" : isText ? await answer.text() : trouble.dataset.away;
      await look();
      tell(words);
    } catch {
      tell(trouble.dataset.away);
    }
    form.removeAttribute("aria-busy");
    if ([bar, document.body].includes(document.activeElement)) {
      // The button that was pressed is gone: the bar keeps the keyboard's place.
      bar.querySelector("button")?.focus();
    }
  }

  bar.addEventListener("submit", (event) => {
    event.preventDefault();
    const form = event.target;
    if (bar.querySelector("[aria-busy]") === null) {
      const body = new URLSearchParams(new FormData(form));
      body.set("quiet", "1");
      send(form, body);
    }
  });
})();
