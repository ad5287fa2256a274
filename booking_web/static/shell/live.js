// SPDX-License-Identifier: AGPL-3.0-or-later
// Keeps an open page true: hears that something changed, asks for the rows and parts that it
// does not show yet, and puts them into their places without taking the keyboard's place away.
"use strict";

(function () {
  const root = document.querySelector("[data-live]");
  if (root === null) {
    return;
  }
  const BATCH_MS = 40;
  const AGAIN_MS = 3000;
  // Of news that are for every page of the site, so that not all ask in one moment.
  const SPREAD_MS = 2000;
  const TIMEOUT_MS = 20000;
  const LONGEST_ADDRESS = 6000;
  // More rows than it is worth to ask for one by one.
  const MANY = 40;
  const { live, liveStream, liveWorker, liveKinds, liveAppointment } = root.dataset;
  const kinds = new Set(liveKinds.split(" "));
  const kiosks = root.dataset.liveKiosks ? new Set(root.dataset.liveKiosks.split(" ")) : null;
  const reviewMs = 1000 * Number(root.dataset.liveReview);
  const drawnAfter = Number(root.dataset.liveDrawn || 0);

  const told = new Set();
  let mustReview = false;
  let reviewedAt = performance.now();
  let isBusy = false;
  let timer = null;
  let dueAt = Infinity;
  let isOpen = false;
  let hasFailed = false;

  // --- Asking ---------------------------------------------------------------------------

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

  function review(ms = BATCH_MS) {
    mustReview = true;
    soon(ms);
  }

  function address(numbers) {
    const url = new URL(live, window.location.href);
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
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (answer.status === 200) {
      put(await answer.text());
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
    showLink();
    if (told.size > 0 || mustReview) {
      soon(wait);
    }
  }

  // --- Putting --------------------------------------------------------------------------

  const morphing = {
    ignoreActiveValue: true,
    callbacks: {
      // Whether something is unfolded is the reader's own doing.
      beforeAttributeUpdated: (name, node) => !(name === "open" && node.localName === "details"),
    },
  };

  function sentences() {
    const parts = Array.from(root.querySelectorAll("[data-said]"));
    return new Map(parts.map((part) => [part.id, part.dataset.said]));
  }

  function put(html) {
    const came = document.createElement("template");
    came.innerHTML = html;
    const before = sentences();
    const focused = document.activeElement;
    const row = focused && focused.closest("[data-appointment]");
    for (const part of came.content.querySelectorAll("[data-part]")) {
      putPart(part);
    }
    for (const rows of came.content.querySelectorAll("[data-rows]")) {
      putRows(rows);
    }
    const isLost = document.activeElement === null || document.activeElement === document.body;
    if (row && isLost) {
      // Where the button that had the keyboard is gone, its row keeps the place.
      const again = focused.isConnected ? focused : document.getElementById(row.id);
      if (again !== null) {
        again.focus();
      }
    }
    say(came.content.querySelector("[data-say]"), before);
    root.dispatchEvent(new CustomEvent("guichet:changed", { bubbles: true }));
  }

  function putPart(part) {
    const place = document.getElementById(part.dataset.part);
    if (place !== null) {
      Idiomorph.morph(place, part.innerHTML, { ...morphing, morphStyle: "innerHTML" });
      place.dataset.seen = part.dataset.seen;
    }
  }

  function putRows(rows) {
    for (const number of rows.dataset.gone.split(" ").filter(Boolean)) {
      const gone = root.querySelector(`[data-appointment="${number}"]`);
      if (gone !== null) {
        gone.remove();
      }
    }
    for (const list of rows.querySelectorAll("[data-live-rows]")) {
      const place = document.getElementById(list.id);
      for (const row of place === null ? [] : Array.from(list.children)) {
        putRow(place, row);
      }
    }
    for (const list of root.querySelectorAll("[data-live-rows]")) {
      list.hidden = list.children.length === 0;
    }
    for (const words of root.querySelectorAll("[data-empty-of]")) {
      const lists = words.dataset.emptyOf.split(" ").map((id) => document.getElementById(id));
      words.hidden = lists.some((list) => list !== null && !list.hidden);
    }
  }

  function putRow(place, row) {
    let shown = document.getElementById(row.id);
    if (shown !== null) {
      const isHere = shown.parentElement === place && shown.dataset.order === row.dataset.order;
      Idiomorph.morph(shown, row.outerHTML, { ...morphing, morphStyle: "outerHTML" });
      shown = document.getElementById(row.id);
      if (isHere) {
        return;
      }
    } else {
      shown = document.importNode(row, true);
    }
    const others = Array.from(place.children).filter((each) => each !== shown);
    const next = others.find((each) => each.dataset.order > shown.dataset.order);
    place.insertBefore(shown, next || null);
  }

  // Says what the server says, and what is not as it was: to those who listen to the page.
  function say(words, before) {
    const place = document.getElementById("announcements");
    if (place === null) {
      return;
    }
    const said = words === null ? [] : Array.from(words.children, (each) => each.textContent);
    for (const [id, sentence] of sentences()) {
      const isNew = !before.has(id) && document.getElementById(id).closest("[data-says-new]");
      if (isNew || (before.has(id) && before.get(id) !== sentence)) {
        said.push(sentence);
      }
    }
    if (said.length > 0) {
      place.replaceChildren(...said.map((sentence) => {
        const line = document.createElement("p");
        line.textContent = sentence;
        return line;
      }));
    }
  }

  // --- Hearing --------------------------------------------------------------------------

  function showLink() {
    const detail = { isLive: isOpen && !hasFailed };
    document.dispatchEvent(new CustomEvent("guichet:live", { detail }));
  }

  function hear(news) {
    if ("isOpen" in news) {
      const isBack = news.isOpen && !isOpen;
      isOpen = news.isOpen;
      showLink();
      // What happened between the drawing of the page and this moment, or while the line was
      // lost. A page that was drawn just now shows it.
      if (isBack && (news.last > drawnAfter || performance.now() - reviewedAt > reviewMs)) {
        review();
      }
    } else if ("isReset" in news) {
      review();
    } else {
      hearChange(news);
    }
  }

  function hearChange({ id, words: [kind, appointment, kiosk] }) {
    if (!kinds.has(kind) && kind !== "clock") {
      return;
    }
    if (liveAppointment && appointment !== "-" && appointment !== liveAppointment) {
      return;
    }
    if (kiosks !== null && kiosk !== "-" && !kiosks.has(kiosk)) {
      return;
    }
    if (kind === "appointment" && root.dataset.liveByNumber !== undefined) {
      told.add(id);
      soon(BATCH_MS);
    } else {
      review(kiosk === "-" ? BATCH_MS + Math.random() * SPREAD_MS : BATCH_MS);
    }
  }

  function connect() {
    if (!liveWorker || typeof SharedWorker !== "function") {
      openLiveStream(liveStream, hear);
      return;
    }
    const worker = new SharedWorker(liveWorker, { name: "guichet-live" });
    worker.port.onmessage = (event) => hear(event.data);
    worker.onerror = () => {
      worker.onerror = null;
      openLiveStream(liveStream, hear);
    };
    window.addEventListener("pagehide", () => worker.port.postMessage("bye"), { once: true });
  }

  window.addEventListener("pageshow", (event) => {
    if (event.persisted) {
      connect();
      review();
    }
  });
  // Should anything have been told to nobody.
  window.setInterval(() => {
    if (!document.hidden) {
      review();
    }
  }, reviewMs);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && performance.now() - reviewedAt > reviewMs) {
      review();
    }
  });
  // Parts that cost too much to be looked at with each change have their own address and pace.
  for (const place of root.querySelectorAll("[data-live-again]")) {
    window.setInterval(async () => {
      if (document.hidden) {
        return;
      }
      try {
        const answer = await fetch(place.dataset.liveAgain, { redirect: "error" });
        if (answer.status === 200) {
          Idiomorph.morph(place, await answer.text(), { ...morphing, morphStyle: "innerHTML" });
        }
      } catch {
        // The next time will do.
      }
    }, 1000 * Number(place.dataset.liveSeconds));
  }
  connect();
})();
