// SPDX-License-Identifier: AGPL-3.0-or-later
// Keeps an open page true: hears that something changed, and has asked for what is concerned.
"use strict";

(() => {
  const root = document.querySelector("[data-live]");
  if (root === null) {
    return;
  }
  // Of news that are for every page of the site, so that not all ask in one moment.
  const SPREAD_MS = 2000;
  const { liveStream, liveWorker, liveKinds, liveAppointment } = root.dataset;
  const kinds = new Set(liveKinds.split(" "));
  const kiosks = root.dataset.liveKiosks ? new Set(root.dataset.liveKiosks.split(" ")) : null;
  const reviewMs = 1000 * Number(root.dataset.liveReview);
  const drawnAfter = Number(root.dataset.liveDrawn || 0);
  const questions = liveQuestions(root, livePlaces(root), showLink);
  // Without a line to listen to, such as in the practice, the page only asks, and often.
  let isOpen = !liveStream;
  // An answer that is written into the same window takes the page away, not its clocks.
  const isSeen = () => root.isConnected && !document.hidden;

  function showLink() {
    const isAnswered = !questions.hasFailed();
    const detail = { isLive: isOpen && isAnswered, isAnswered };
    document.dispatchEvent(new CustomEvent("guichet:live", { detail }));
  }

  // Parts that have their own questions (kiosk/mirror.js) hear of it too.
  function pass(kind, appointment = "-") {
    document.dispatchEvent(new CustomEvent("guichet:told", { detail: { kind, appointment } }));
  }

  function hear(news) {
    if ("isOpen" in news) {
      const isBack = news.isOpen && !isOpen;
      isOpen = news.isOpen;
      showLink();
      if (isBack) {
        pass("all");
      }
      // What happened between the drawing of the page and this moment, or while the line was
      // lost. A page that was drawn just now shows it.
      if (isBack && (news.last > drawnAfter || questions.msSinceReview() > reviewMs)) {
        questions.review();
      }
    } else if ("isReset" in news) {
      pass("all");
      questions.review();
    } else {
      hearChange(news);
    }
  }

  function hearChange({ id, words: [kind, appointment, kiosk] }) {
    pass(kind, appointment);
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
      questions.ask(id);
    } else {
      const isOfAll = kiosk === "-" && kind !== "duty";
      questions.review(isOfAll ? Math.random() * SPREAD_MS : 0);
    }
  }

  function connect() {
    if (!liveStream) {
      showLink();
      return;
    }
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
      questions.review();
    }
  });
  // Should anything have been told to nobody.
  window.setInterval(() => {
    if (isSeen()) {
      questions.review();
    }
  }, reviewMs);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && questions.msSinceReview() > reviewMs) {
      questions.review();
    }
  });
  // Parts that cost too much to be looked at with each change have their own address and pace.
  for (const place of root.querySelectorAll("[data-live-again]")) {
    window.setInterval(async () => {
      if (!isSeen()) {
        return;
      }
      try {
        const answer = await fetch(place.dataset.liveAgain, { redirect: "error" });
        if (answer.status === 200) {
          const html = await answer.text();
          await endOfPress();
          putInto(place, html);
        }
      } catch {
        // The next time will do.
      }
    }, 1000 * Number(place.dataset.liveSeconds));
  }
  connect();
})();
