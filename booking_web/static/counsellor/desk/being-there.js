// SPDX-License-Identifier: AGPL-3.0-or-later
// Whether calls come to this page: its telephone is opened and closed here, for a sign-in that
// lasts, a line that stands, and one tab of the browser.
"use strict";

// `said` is what `deskWords` gave; `hear` takes what the telephone tells, its line included, which
// comes back to `hearLine`. `state()` and `isInCall()` say how the desk stands, `draw(state)` changes it.
// biome-ignore lint/correctness/noUnusedVariables: called by desk.js
function openBeingThere(desk, { button, say, notice, aloud }, { doctor, returning, hear, draw, state, isInCall }) {
  // Another tab that does not answer within this time is gone.
  const ANSWERS_WITHIN_MS = 400;
  let telephone = null;
  let isOpening = false;
  // Whether the sign-in is known to be over.
  let isOut = false;
  let isComingBack = false;

  // Who listens to the page hears why no call comes to it.
  function tell(next) {
    draw(next);
    aloud(say(`state_${next}`));
  }

  const oneDesk = openOneDesk(isInCall, ({ isElsewhere, isInCall: isItInCall, isTaken }) => {
    if (isTaken) {
      close("elsewhere");
    } else if (isElsewhere && isItInCall) {
      tell("elsewhere_in_call");
    }
  });
  const isRevoked = heedNews(desk, settle);

  function tellOut() {
    isOut = true;
    notice("signed-out", say(isInCall() ? "signed_out_in_call" : "signed_out"));
  }

  async function lookSession() {
    if (await isSignedOut()) {
      if (state() === "ringing") {
        // Who has signed out takes no call: it goes on in the queue. Its end leads here again.
        telephone.refuse();
        return;
      }
      tellOut();
      if (!isInCall() && telephone !== null) {
        close("signed_out");
      }
    } else {
      comeBack();
    }
  }

  function settle(isNewsLost) {
    if (!isInCall() && telephone !== null && isRevoked()) {
      close("revoked");
    } else if (isNewsLost) {
      lookSession();
    } else {
      comeBack();
    }
  }

  // Signed in again, beside the call or in another tab. A call has gone on meanwhile: its telephone
  // goes on with a new secret.
  async function comeBack() {
    if (isComingBack || (!isOut && state() !== "signed_out")) {
      return;
    }
    isComingBack = true;
    try {
      await comeBackNow();
    } finally {
      isComingBack = false;
    }
  }

  async function comeBackNow() {
    const isSame = await renewToken(desk);
    if (isSame === false && !isInCall()) {
      // The desk of somebody else.
      window.location.reload();
    }
    if (!isSame) {
      return;
    }
    isOut = false;
    notice("signed-out", "");
    if (telephone === null && state() === "signed_out") {
      await open();
    } else if (telephone !== null) {
      const account = await askTelephone(desk.dataset.telephone, desk.dataset.token);
      if (!account.trouble) {
        telephone?.renew(account);
      }
    }
  }

  async function open() {
    if (telephone !== null || isOpening) {
      return;
    }
    isOpening = true;
    try {
      await openNow();
    } finally {
      isOpening = false;
    }
  }

  // A second secret, asked for meanwhile, would end the first.
  async function openNow() {
    if (await oneDesk.isTaken()) {
      tell("elsewhere");
      return;
    }
    draw("opening");
    oneDesk.hold();
    returning.opens();
    const account = await askTelephone(desk.dataset.telephone, desk.dataset.token);
    if (account.trouble) {
      oneDesk.leave();
      if (account.trouble === "signed_out") {
        tellOut();
      }
      tell(account.trouble);
      return;
    }
    telephone = openTelephone(account, hear);
    heedSilence((isHeard) => notice("silent", isHeard || telephone === null ? "" : say("rings_silently")));
    button("close").focus();
    returning.opened(account.call);
  }

  function close(next) {
    returning.closed();
    doctor.stop();
    oneDesk.leave();
    telephone?.close();
    telephone = null;
    doctor.tellLine("closed");
    delete desk.dataset.line;
    notice("line", "");
    notice("silent", "");
    tell(next);
  }

  return {
    get telephone() {
      return telephone;
    },
    open,
    close,
    settle,
    // Where the frame is: a sign-in that is over leads there.
    seeFrame(isAtSignIn) {
      if (isAtSignIn) {
        tellOut();
      } else {
        comeBack();
      }
    },
    take() {
      // The other tab says so where it is in a call; that may be over by now.
      draw("elsewhere");
      oneDesk.take();
      setTimeout(() => ["elsewhere", "taken"].includes(state()) && open(), ANSWERS_WITHIN_MS);
    },
    hearLine(line) {
      desk.dataset.line = line;
      doctor.tellLine(line);
      // Of a sign-in that is over another notice tells.
      const isSaid = line !== "there" && !(line === "refused" && isOut);
      notice("line", isSaid ? say(`line_${line}${isInCall() ? "_in_call" : ""}`) : "");
      if (line === "there" && ["opening", "away"].includes(state())) {
        draw(returning.appointment === null ? "waiting" : "returning");
      } else if (line === "away" && !isInCall() && state() === "waiting") {
        draw("away");
      } else if (line === "refused" && !isInCall()) {
        close("taken");
      }
      if (line === "away") {
        lookSession();
      }
    },
  };
}
