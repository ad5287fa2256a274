// SPDX-License-Identifier: AGPL-3.0-or-later
// How a page that was reloaded, or whose tab crashed, comes back: that this tab took calls, and the
// call that this browser was in, are kept in the browser. Neither names anybody.
"use strict";

function deskMemory() {
  const [CALL, OPEN] = ["guichet-desk-call", "guichet-desk-open"];
  const tried = (work) => {
    try {
      return work();
    } catch {
      // A browser that keeps nothing comes back by a click.
      return null;
    }
  };
  return {
    // Gives {appointment, path, isMuted, isDark}; null: no call.
    get call() {
      return tried(() => JSON.parse(localStorage.getItem(CALL)));
    },
    set call(had) {
      tried(() => (had === null ? localStorage.removeItem(CALL) : localStorage.setItem(CALL, JSON.stringify(had))));
    },
    get isOpen() {
      return tried(() => sessionStorage.getItem(OPEN)) !== null;
    },
    set isOpen(isOpen) {
      tried(() => (isOpen ? sessionStorage.setItem(OPEN, "1") : sessionStorage.removeItem(OPEN)));
    },
  };
}

// `words` is what `deskWords` gave. `open()` opens the telephone, `giveUp()` is called where no call
// comes back.
// biome-ignore lint/correctness/noUnusedVariables: called by desk.js
function openReturning(desk, words, { dossier, open, giveUp }) {
  // As soon as this page is registered Asterisk rings it, if it keeps the call.
  const RINGS_WITHIN_MS = 10000;
  // Where the server knows of no call: it may not have heard yet that it was answered.
  const MAY_RING_WITHIN_MS = 4000;
  const { say, aloud, notice, place } = words;
  const memory = deskMemory();
  const ownCall = Number(desk.dataset.ownCall) || null;
  let expected = null;
  let timer = null;

  // Gives how it was in the call that is here.
  function take() {
    clearTimeout(timer);
    const was = expected;
    expected = null;
    return was;
  }

  function end(why) {
    take();
    memory.call = null;
    notice("last", say(why));
    aloud(say(why));
    // There it can be called again.
    dossier.show(desk.dataset.day);
    giveUp();
  }

  function count(why = "not_back", within = RINGS_WITHIN_MS) {
    clearTimeout(timer);
    timer = setTimeout(() => end(why), within);
  }

  function comeBack(had) {
    expected = had;
    if (had.path) {
      dossier.show(had.path, true);
    }
    open();
  }

  return {
    get appointment() {
      return expected?.appointment ?? null;
    },
    take,
    // A call that is up; nobody is seen or heard by surprise once its page is back.
    keep({ appointment, isMuted, isDark, isHeld }) {
      memory.call = { appointment, path: dossier.path, isMuted: isMuted || isHeld, isDark: isDark || isHeld };
    },
    forget() {
      memory.call = null;
    },
    // Nobody hung up: the line was cut for so long that Asterisk keeps the call for this page.
    expect(had) {
      expected = had;
      count();
    },
    opens() {
      memory.isOpen = true;
      place("own-call").hidden = true;
    },
    // `call` is the appointment in whose call the server has this telephone.
    opened(call) {
      if (expected === null) {
        return;
      }
      if (expected.appointment === call) {
        count();
      } else {
        count("over_while_away", MAY_RING_WITHIN_MS);
      }
      aloud(say("state_returning"));
    },
    closed() {
      take();
      memory.isOpen = false;
    },
    resume() {
      comeBack({ appointment: ownCall, path: `${desk.dataset.day}/${ownCall}`, isMuted: false, isDark: false });
    },
    // Does what this page, or the one before it, was doing.
    goOn() {
      const had = memory.call;
      if (had !== null && (ownCall === null || had.appointment === ownCall)) {
        comeBack(had);
        return;
      }
      place("own-call").hidden = ownCall === null;
      if (ownCall === null && memory.isOpen) {
        open();
      }
    },
  };
}
