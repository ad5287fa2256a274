// SPDX-License-Identifier: AGPL-3.0-or-later
// Follows the counsellor key by key: hears that something changed and asks for it, one question
// at a time. Outside a call there is no answer, and nothing is kept.
"use strict";

(() => {
  const AGAIN_MS = 400;
  const ANSWER_MS = 8000;
  // Should anything have been told to nobody.
  const REVIEW_MS = 5000;
  // A screen that hears nothing of its server for so long does not know that the call goes on.
  const TRUSTED_MS = 30000;
  const KINDS = new Set(["all", "mirror", "screen", "draft", "appointment"]);
  const root = document.getElementById("mirror");
  const sheet = mirrorSheet(root);
  // Where the counsellor points, to be found again where what is shown has changed.
  let pointed = null;
  const closer = mirrorCloser(() => beside.point(sheet, pointed));
  const beside = mirrorBeside(fit, closer);
  let isBusy = false;
  let isAsked = false;
  let answeredAt = 0;

  function fit() {
    sheet.fit();
    closer.fit();
    beside.point(sheet, pointed);
  }

  function clear() {
    sheet.clear();
    beside.write("");
    closer.look(null);
    pointed = null;
    beside.point(sheet, null);
    document.dispatchEvent(new CustomEvent("guichet:reading", { detail: null }));
  }

  function address() {
    const url = new URL(root.dataset.mirror, window.location.href);
    const seen = sheet.seen();
    if (seen !== null) {
      url.search = new URLSearchParams({
        feuille: seen.key,
        page: seen.page,
        revision: seen.revision,
      });
    }
    return url;
  }

  async function show(told) {
    beside.write(told.words);
    if (told.sheet === null) {
      sheet.clear();
    } else {
      await sheet.show(told.sheet);
    }
    closer.look(told.closer);
    pointed = told.pointer;
    beside.point(sheet, pointed);
    const detail = told.reading && { call: told.call, ...told.reading };
    document.dispatchEvent(new CustomEvent("guichet:reading", { detail }));
  }

  async function question() {
    const answer = await fetch(address(), {
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    if (answer.ok) {
      await show(await answer.json());
    } else if (answer.status === 404 || answer.status === 403) {
      clear();
    } else {
      throw new Error(`${answer.status}`);
    }
    answeredAt = performance.now();
  }

  async function ask() {
    isAsked = true;
    if (isBusy) {
      return;
    }
    isBusy = true;
    while (isAsked) {
      isAsked = false;
      try {
        await question();
      } catch {
        isAsked = true;
        sheet.doubt();
        if (performance.now() - answeredAt > TRUSTED_MS) {
          clear();
        }
        await new Promise((resolve) => window.setTimeout(resolve, AGAIN_MS));
      }
    }
    isBusy = false;
  }

  document.addEventListener("guichet:told", (event) => {
    if (KINDS.has(event.detail.kind)) {
      ask();
    }
  });
  window.setInterval(ask, REVIEW_MS);
  window.addEventListener("resize", fit);
  ask();
})();
