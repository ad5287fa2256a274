// SPDX-License-Identifier: AGPL-3.0-or-later
// The counsellor's desk: joins the telephone, the pictures, the buttons and the frame with the
// other pages. What each of them does is in a script of its own.
"use strict";

(() => {
  const UNDO_SECONDS = 5;
  const RINGING = [[880, 300], [0, 100], [660, 400], [0, 1700]];
  const desk = document.getElementById("call-desk");
  const frame = desk.querySelector("iframe");
  const far = document.getElementById("far-picture");
  const own = document.getElementById("own-picture");
  const devices = chosenDevices();
  let line = null;
  let state = "closed";
  let call = null;
  let stopRinging = null;
  let leaving = null;
  let isHungUp = false;

  const said = deskWords(desk, document.getElementById("desk-words").content);
  const { button, place, say, aloud, notice } = said;
  const face = deskFace(desk, own, said);
  const ownSide = openOwnSide(own, devices, said, { telephone: () => there.telephone, isInCall: () => call !== null, draw: drawSwitches });
  const zoom = openPictureZoom(document.getElementById("desk-pictures"), far, face.zoom);
  const stills = openStills(far, zoom.part, said, desk.dataset);

  // ---- What is shown

  function draw(next) {
    state = next;
    face.state(state, call);
    drawSwitches();
  }

  function drawSwitches() {
    face.switches({ isMuted: ownSide.isMuted, isDark: ownSide.isDark, isHeld: state === "held" });
    remember();
  }

  function remember() {
    if (["in_call", "held"].includes(state)) {
      returning.keep({ appointment: call.appointment, isMuted: ownSide.isMuted, isDark: ownSide.isDark, isHeld: state === "held" });
    }
  }

  // ---- The frame beside the call

  const dossier = openDossier(frame, desk.dataset.signIn, ({ isSignedOut: isAtSignIn, isShown, key }) => {
    if (key) {
      press(key);
    } else if (isAtSignIn !== undefined) {
      there.seeFrame(isAtSignIn);
    }
    if (isShown && call?.address === isShown) {
      popUp.hide();
    }
    if (isShown) {
      third.shown(isShown);
      remember();
    }
  });
  const returning = openReturning(desk, said, { dossier, open: () => there.open(), giveUp: () => state === "returning" && draw("waiting") });
  const popUp = openPopUp(dossier, place("open-file"), frame);
  const third = openThirdPerson(said, dossier, () => (call?.hasFile && ["in_call", "held"].includes(state) ? `${desk.dataset.day}/${call.appointment}` : null));
  const doctor = openMediaDoctor(document.getElementById("media-doctor"), devices, say);
  const there = openBeingThere(desk, said, { doctor, returning, hear, draw, state: () => state, isInCall: () => call !== null });

  // ---- The call

  function ring({ appointment, isInterpreting, name, isResumed }) {
    const isOurs = isResumed && (call ?? returning).appointment === appointment;
    if (state === "returning" && !isOurs) {
      there.telephone.refuse();
      return;
    }
    const was = call === null ? returning.take() : { isMuted: ownSide.isMuted, isDark: ownSide.isDark };
    const file = appointment === null ? null : `${desk.dataset.day}/${appointment}`;
    const hasFile = file !== null && !isInterpreting;
    call = { appointment, name, address: isInterpreting ? desk.dataset.day : file, hasFile };
    call.typing = isInterpreting && file !== null && "writes" in desk.dataset ? `${file}/paroles` : null;
    stills.clear();
    doctor.stop();
    if (isOurs) {
      takeUp(was);
      return;
    }
    draw("ringing");
    aloud(say("said_ringing", { name }));
    stopRinging = playTones(RINGING, devices.read().audiooutput, true);
    popUp.show(call.address);
    const isWriting = dossier.isWriting || isWritten(document.activeElement);
    if (!isWriting) {
      button("answer").focus();
    }
  }

  function quiet() {
    stopRinging?.();
    stopRinging = null;
  }

  function answer() {
    if (state === "ringing") {
      quiet();
      takeUp();
    }
  }

  // `was`: how it was before, in a call that this page was in.
  async function takeUp(was) {
    draw("connecting");
    const answered = call;
    // They may hang up while the browser asks for its devices.
    const tracks = await ownSide.open(() => call === answered, was);
    if (tracks !== null) {
      there.telephone.answer(tracks);
    }
  }

  function setHeld(wish) {
    if (there.telephone.hold(wish)) {
      line?.rest(wish);
      draw(wish ? "held" : "in_call");
      aloud(say(wish ? "state_held" : "held_over"));
    }
  }

  // Nothing more is heard of the counsellor at once; the call ends a moment later.
  function leave() {
    const was = state;
    there.telephone.mute(true);
    draw("leaving");
    aloud(say("said_leaving"));
    const tell = (seconds) => {
      place("left").textContent = say("leaves_in", { seconds });
    };
    const stop = undoTime(UNDO_SECONDS, tell, hangUp);
    leaving = {
      stop,
      undo() {
        stop();
        leaving = null;
        there.telephone.mute(ownSide.isMuted);
        draw(was);
        button("leave").focus();
        aloud(say("stays"));
      },
    };
    button("undo").focus();
  }

  function hangUp() {
    leaving?.stop();
    leaving = null;
    isHungUp = true;
    there.telephone.hangUp();
  }

  function begin() {
    isHungUp = false;
    notice("last", "");
    if (ownSide.isMuted) {
      there.telephone.mute(true);
    }
    draw("in_call");
    aloud(say("said_in_call", { name: call.name }));
    line?.stop();
    face.line({ mine: "good", theirs: "good" });
    line = keepLine(there.telephone, face.line);
    button("leave").focus();
    third.look();
    const begun = call;
    if (begun.typing !== null) {
      call.address = begun.typing;
      popUp.showOnceThere(begun.typing, () => call === begun);
    }
  }

  function end({ wasUp, isByThem, cause }) {
    quiet();
    leaving?.stop();
    leaving = null;
    line?.stop();
    line = null;
    const was = { isMuted: ownSide.isMuted, isDark: ownSide.isDark };
    ownSide.close();
    zoom.reset();
    far.srcObject = null;
    popUp.hide();
    third.clear();
    const ended = call;
    call = null;
    if (wasUp && !isByThem && !isHungUp) {
      returning.expect({ appointment: ended.appointment, ...was });
      draw("returning");
      return;
    }
    returning.forget();
    const told = wasUp ? (isByThem ? "over_by_them" : "over_by_us") : cause === "Canceled" ? "not_taken" : "not_answered";
    notice("last", say(told, { name: ended?.name ?? "" }));
    aloud(say(told, { name: ended?.name ?? "" }));
    draw("waiting");
    there.settle(true);
  }

  function hear(told) {
    if (told.line) {
      there.hearLine(told.line);
    } else if (told.rings) {
      ring(told.rings);
    } else if (told.isUp) {
      begin();
    } else if (told.far) {
      // The same stream once more would begin the picture anew.
      if (far.srcObject !== told.far) {
        far.srcObject = told.far;
        playOutOf(far, devices.read().audiooutput);
      }
    } else if (told.text !== undefined) {
      if (!line?.take(told.text) && told.text.trim() && !told.text.startsWith("guichet-")) {
        notice("message", told.text.slice(0, 500));
      }
    } else if (told.isOver) {
      end(told.isOver);
    }
  }

  // ---- Buttons and keys

  const ACTS = {
    open: there.open,
    look: () => doctor.look(),
    take: there.take,
    close: () => call === null && there.close("closed"),
    resume: () => returning.resume(),
    sign_in: () => dossier.signIn(),
    answer,
    refuse: () => there.telephone.refuse(),
    mute: () => ownSide.setMuted(!ownSide.isMuted),
    dark: () => ownSide.setDark(!ownSide.isDark),
    hold: () => setHeld(state !== "held"),
    leave,
    undo: () => leaving?.undo(),
    now: hangUp,
    still: () => stills.keep(call.appointment),
    undo_still: stills.undo,
    larger: () => zoom.act("larger"),
    smaller: () => zoom.act("smaller"),
    whole: () => zoom.act("whole"),
  };

  desk.addEventListener("click", (event) => {
    const act = event.target.closest("[data-act]")?.dataset.act;
    if (act) {
      ACTS[act]();
    }
  });

  function press(event) {
    // The page beside the call has keys too, wherever the keyboard is.
    const pressed = buttonOfKey(desk, event) ?? (dossier.page && buttonOfKey(dossier.page, event));
    if (pressed) {
      event.preventDefault();
      pressed.click();
    }
  }
  window.addEventListener("keydown", press);

  window.addEventListener("beforeunload", (event) => {
    if (call !== null) {
      event.preventDefault();
    }
  });
  // A call that is up does not end with its page: it is kept until the page is back.
  window.addEventListener("pagehide", () => (call === null || state === "ringing") && there.telephone?.close());

  draw("closed");
  dossier.begin();
  returning.goOn();
})();
