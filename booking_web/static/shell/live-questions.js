// SPDX-License-Identifier: AGPL-3.0-or-later
// Asks for what the page does not show yet: one question at a time, soon after the news.
"use strict";

// `put` is given each answer; `tell` is called after each question, whether it was answered.
// biome-ignore lint/correctness/noUnusedVariables: called by live.js
function liveQuestions(root, put, tell) {
  const BATCH_MS = 40;
  const AGAIN_MS = 3000;
  const TIMEOUT_MS = 20000;
  const LONGEST_ADDRESS = 6000;
  // More rows than it is worth to ask for one by one.
  const MANY = 40;

  const told = new Set();
  let mustReview = false;
  let reviewedAt = performance.now();
  let isBusy = false;
  let timer = null;
  let dueAt = Infinity;
  let hasFailed = false;

  function soon(ms) {
    const at = performance.now() + ms;
    if (document.hidden && ms <= BATCH_MS) {
      // A browser lets the clocks of pages that nobody sees run late.
      queueMicrotask(ask);
    } else if (at < dueAt) {
      clearTimeout(timer);
      dueAt = at;
      timer = setTimeout(ask, ms);
    }
  }

  function review(ms = 0) {
    mustReview = true;
    soon(BATCH_MS + ms);
  }

  function address(numbers) {
    const url = new URL(root.dataset.live, window.location.href);
    if (numbers.length > 0) {
      url.searchParams.set("n", numbers.join(","));
      return url;
    }
    const shown = Array.from(root.querySelectorAll("[data-seen]"), (part) => {
      const name = part.dataset.appointment || part.id;
      return `${name}:${part.dataset.seen}`;
    }).join(",");
    if (shown.length < LONGEST_ADDRESS) {
      url.search += `${url.search ? "&" : "?"}vu=${shown}`;
    }
    return url;
  }

  async function fetchUpdate(numbers) {
    const answer = await fetch(address(numbers), {
      cache: "no-store",
      headers: window.self === window.top ? {} : { "X-Guichet-Framed": "1" },
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (answer.status === 200) {
      const html = await answer.text();
      await endOfPress();
      put(html);
    } else if (answer.status !== 204) {
      throw new Error(`${answer.status}`);
    }
  }

  async function ask() {
    clearTimeout(timer);
    dueAt = Infinity;
    if (isBusy) {
      return;
    }
    isBusy = true;
    let wait = BATCH_MS;
    const numbers = Array.from(told);
    told.clear();
    try {
      if (numbers.length > 0 && numbers.length <= MANY) {
        await fetchUpdate(numbers);
      } else if (numbers.length > 0 || mustReview) {
        mustReview = false;
        reviewedAt = performance.now();
        await fetchUpdate([]);
      }
      hasFailed = false;
    } catch {
      hasFailed = true;
      mustReview = true;
      wait = AGAIN_MS;
    }
    isBusy = false;
    tell();
    if (told.size > 0 || mustReview) {
      soon(wait);
    }
  }

  return {
    review,
    // Asks for the one row that this change is about.
    ask(number) {
      told.add(number);
      soon(BATCH_MS);
    },
    hasFailed: () => hasFailed,
    msSinceReview: () => performance.now() - reviewedAt,
  };
}
