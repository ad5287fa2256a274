// SPDX-License-Identifier: AGPL-3.0-or-later
// What is changed on other pages comes in: a colleague's, or another tab of the same counsellor's.
"use strict";

// `ask()` has the server's answer taken in and gives "seen", "failed" or "ended"; `unsaved()` gives
// what was typed here and is not kept yet; `tell(field, text)` is called with a text that gives way
// to another.
// biome-ignore lint/correctness/noUnusedVariables: called by filling.js
function draftChanges({ revision: first, fields, picture, unsaved, ask, tell }) {
  // A field that is typed without a longer pause is told of once (domain/forms/draft_changes.py):
  // while something is changed elsewhere it is asked for, until nothing was new for longer.
  const GOES_ON_FOR_MS = 2000;
  const LOOK_AGAIN_MS = 1500;
  const QUIET_LOOKS = 2;
  const AFTER_FAILURE_MS = 5000;
  // What went out of a field and was not answered: told back, it is nobody else's.
  const sent = new Map();
  let revision = first;
  let heard = first;
  let isFollowing = false;
  // Where a change came in while this page was typed in itself.
  let mustFollow = false;
  let last = { field: null, at: 0 };

  function pause(ms) {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  function tellReplaced(field, text, by) {
    // What is still there within the newer text is not lost.
    if (fields.isWritten(field) && !by.includes(text)) {
      tell(field, text);
    }
  }

  function takeValue(field, value) {
    const here = fields.value(field);
    if (sent.get(field)?.has(value) || here === value) {
      return;
    }
    if (unsaved().has(field)) {
      // What is typed here now goes out, and wins.
      tellReplaced(field, value, here);
      return;
    }
    if (fields.hasKeyboard(field)) {
      tellReplaced(field, here, value);
    }
    fields.setValue(field, value);
  }

  function take(told) {
    for (const { field, value } of told.meanwhile || []) {
      takeValue(field, value);
    }
    for (const crop of told.crops || []) {
      picture.lay(crop, told.revision);
    }
    if (told.redraw) {
      picture.redraw(picture.page(), told.revision);
    }
    revision = told.revision;
  }

  async function follow() {
    if (isFollowing) {
      return;
    }
    isFollowing = true;
    mustFollow = true;
    let quiet = 0;
    // The answers to what is typed here bring what is new as well.
    while (quiet < QUIET_LOOKS && unsaved().size === 0) {
      const before = revision;
      const outcome = await ask();
      if (outcome === "ended") {
        quiet = QUIET_LOOKS;
      } else if (outcome === "seen") {
        quiet = revision > before ? 0 : quiet + 1;
      }
      if (quiet < QUIET_LOOKS) {
        await pause(outcome === "seen" ? LOOK_AGAIN_MS : AFTER_FAILURE_MS);
      }
    }
    isFollowing = false;
    mustFollow = quiet < QUIET_LOOKS;
  }

  return {
    revision: () => revision,
    follow,
    // The draft is said to be at this revision.
    hear(told) {
      heard = Math.max(heard, told);
    },
    // Looks, where something is changed that no answer has brought.
    catchUp() {
      if (unsaved().size === 0 && (heard > revision || mustFollow)) {
        follow();
      }
    },
    // An answer that was overtaken by a newer one has nothing to say.
    take(told) {
      if (told.revision > revision) {
        take(told);
      }
    },
    // Notes what goes out; tells whether that is a field which this page begins to change.
    sending(field, value) {
      const at = performance.now();
      const goesOn = field === last.field && at - last.at <= GOES_ON_FOR_MS;
      last = { field, at };
      sent.set(field, (sent.get(field) || new Set()).add(value));
      return !goesOn;
    },
    kept(field, value, told) {
      const mine = sent.get(field);
      sent.delete(field);
      if (told.replaced && !mine?.has(told.replaced)) {
        tellReplaced(field, told.replaced, value);
      }
      mustFollow ||= told.meanwhile.length > 0 || told.replaced !== "";
      if (told.revision >= revision) {
        take(told);
      }
    },
  };
}
