// SPDX-License-Identifier: AGPL-3.0-or-later
// A still of the kiosk's picture: taken as it is seen, sent into the documents at once, and for
// some seconds to be taken back.
"use strict";

// `video` is the kiosk's picture, `part()` gives what of it is seen, `said` is what `deskWords`
// gave; `site` has `stills`, where they go, the `token` to be sent along, and `undoSeconds`. Gives
// {keep(appointment), undo(), clear()}.
// biome-ignore lint/correctness/noUnusedVariables: called by desk.js
function openStills(video, part, said, site) {
  const QUALITY = 0.92;
  const WAITED_MS = 20000;
  const { button, place, say, aloud, notice } = said;
  const shown = place("still-picture");
  let isSending = false;
  // What is told over the picture: {stop}, and `undo`, the address that takes it back, if any.
  let told = null;

  function draw() {
    const [left, top, width, height] = part();
    shown.width = width;
    shown.height = height;
    shown.getContext("2d").drawImage(video, left, top, width, height, 0, 0, width, height);
    shown.hidden = false;
    return new Promise((resolve) => {
      shown.toBlob(resolve, "image/jpeg", QUALITY);
    });
  }

  // Gives {isDone, words, number}.
  async function send(to, body) {
    try {
      const answer = await fetch(to, {
        method: "POST",
        body,
        headers: { "X-CSRFToken": site.token, Accept: "application/json", ...(body ? { "Content-Type": "image/jpeg" } : {}) },
        redirect: "error",
        signal: AbortSignal.timeout(WAITED_MS),
      });
      const read = answer.headers.get("Content-Type") === "application/json" ? await answer.json() : {};
      const usual = say(answer.status === 401 ? "signed_out_in_call" : "still_failed");
      return { isDone: answer.ok, words: read.words ?? usual, number: read.number };
    } catch {
      return { isDone: false, words: say("still_failed") };
    }
  }

  function tell(words, undo = null) {
    notice("still", words);
    aloud(words);
    for (const each of [button("undo_still"), place("still-left")]) {
      each.hidden = undo === null;
    }
    const stop = undoTime(Number(site.undoSeconds), (seconds) => {
      place("still-left").textContent = say("still_left", { seconds });
    }, clear);
    told = { undo, stop };
  }

  function fail(words) {
    clear();
    notice("trouble", words);
    aloud(words);
  }

  // What was kept stays; nothing is told of it any longer, and it cannot be taken back here.
  function clear() {
    told?.stop();
    told = null;
    const hadFocus = document.activeElement === button("undo_still");
    for (const each of [button("undo_still"), place("still-left"), shown]) {
      each.hidden = true;
    }
    shown.width = 0;
    notice("still", "");
    if (hadFocus) {
      button("still").focus();
    }
  }

  async function keep(appointment) {
    if (isSending) {
      return;
    }
    clear();
    notice("trouble", "");
    if (video.videoWidth === 0) {
      fail(say("still_no_picture"));
      return;
    }
    isSending = true;
    const picture = await draw();
    notice("still", say("still_sending"));
    const stills = `${site.stills}/${appointment}/images`;
    const kept = await send(stills, picture);
    isSending = false;
    if (kept.isDone) {
      tell(kept.words, `${stills}/${kept.number}/annuler`);
    } else {
      fail(kept.words);
    }
  }

  async function undo() {
    const to = told?.undo ?? null;
    if (to === null) {
      return;
    }
    clear();
    const undone = await send(to);
    (undone.isDone ? tell : fail)(undone.words);
  }

  return { keep, undo, clear };
}
