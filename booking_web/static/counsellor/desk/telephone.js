// SPDX-License-Identifier: AGPL-3.0-or-later
// The counsellor's telephone: JsSIP registered at Asterisk, one call at a time, and what is told
// within that call. It draws nothing.
"use strict";

// `account` is what the server gave: {uri, realm, ha1, server, name}. Calls `hear` with
// {line: "there"|"away"|"refused"}, {rings}, {isUp}, {far: MediaStream}, {text}, {isOver}.
// biome-ignore lint/correctness/noUnusedVariables: called by desk.js
function openTelephone(account, hear) {
  const AGAIN_MS = 3000;
  // JsSIP asks anew so often, between the two, while the line is cut.
  const [SOONEST_SECONDS, LATEST_SECONDS] = [1, 3];
  const far = new MediaStream();
  let session = null;
  let connection = null;
  let ofAppointment = null;
  let wasCut = false;
  let isClosed = false;
  let timer = null;
  const telephone = new JsSIP.UA({
    sockets: [new JsSIP.WebSocketInterface(account.server)],
    uri: account.uri,
    realm: account.realm,
    ha1: account.ha1,
    display_name: account.name,
    // What is sent while the line is cut would end the call.
    session_timers: false,
    register_expires: 120,
    connection_recovery_min_interval: SOONEST_SECONDS,
    connection_recovery_max_interval: LATEST_SECONDS,
  });

  telephone.on("registered", () => {
    hear({ line: "there" });
    if (wasCut && session?.isEstablished()) {
      // Asterisk learns the new address; a call that it ended meanwhile ends here as well.
      session.renegotiate();
    }
    wasCut = false;
  });
  telephone.on("disconnected", () => {
    wasCut = true;
    if (!isClosed) {
      hear({ line: "away" });
    }
  });
  telephone.on("registrationFailed", ({ response }) => {
    if (isClosed) {
      return;
    }
    if ([401, 403, 404, 407].includes(response?.status_code)) {
      hear({ line: "refused" });
      return;
    }
    hear({ line: "away" });
    clearTimeout(timer);
    timer = setTimeout(() => !isClosed && telephone.isConnected() && telephone.register(), AGAIN_MS);
  });
  // Without a listener JsSIP refuses every MESSAGE (405), those within a call included. Nobody has
  // anything to say to a page outside of one.
  telephone.on("newMessage", ({ originator, message }) => {
    if (originator === "remote") {
      message.reject({ status_code: 405 });
    }
  });
  telephone.on("newRTCSession", ({ session: coming, originator, request }) => {
    if (originator !== "remote") {
      return;
    }
    const appointment = Number(request.getHeader("X-Guichet-Appointment")) || null;
    // By Asterisk alone: the call that this page had, or still believes to have.
    const isResumed = request.hasHeader("X-Guichet-Resumed");
    if (session !== null) {
      if (!isResumed || appointment !== ofAppointment) {
        coming.terminate({ status_code: 486 });
        return;
      }
      drop();
    }
    session = coming;
    ofAppointment = appointment;
    listen(coming, isResumed);
    hear({
      rings: {
        appointment,
        isResumed,
        isInterpreting: request.getHeader("X-Guichet-Role") === "interpreter",
        name: coming.remote_identity.display_name || coming.remote_identity.uri.user,
      },
    });
  });

  function listen(coming, isResumed) {
    // JsSIP knows no MESSAGE within a call and would refuse each.
    const receive = coming.receiveRequest.bind(coming);
    coming.receiveRequest = (request) => {
      if (request.method !== "MESSAGE") {
        receive(request);
        return;
      }
      request.reply(200);
      hear({ text: request.body ?? "" });
    };
    let offered = "";
    coming.on("sdp", (event) => {
      offered = event.originator === "remote" ? event.sdp : offered;
      event.sdp = event.originator === "remote" ? sdpWithoutRepeats(event.sdp) : sdpWithAddress(event.sdp);
    });
    coming.on("icecandidate", ({ candidate, ready }) => isCandidateEnough(candidate, offered) && ready());
    coming.on("peerconnection", (event) => {
      connection = event.peerconnection;
      connection.addEventListener("track", ({ track }) => {
        // Before the first sound of the other side Asterisk hands on nothing, and the first whole
        // picture is lost.
        if (track.kind === "audio") {
          track.addEventListener("unmute", sendWholePicture, { once: true });
        }
        for (const each of far.getTracks()) {
          if (each.kind === track.kind) {
            far.removeTrack(each);
          }
        }
        far.addTrack(track);
        hear({ far });
      });
    });
    coming.on("confirmed", () => {
      hear({ isUp: true });
      // The picture of a resident who was kept waiting is off both ways: it is asked for anew.
      const isSeen = ({ receiver, currentDirection }) => receiver.track.kind === "video" && currentDirection === "sendrecv";
      if (isResumed && !connection?.getTransceivers().some(isSeen)) {
        coming.renegotiate();
      }
    });
    const over = (event) => {
      if (session !== coming) {
        return;
      }
      const wasUp = connection !== null && coming.start_time !== null;
      forget();
      hear({ isOver: { wasUp, isByThem: event.originator === "remote", cause: event.cause } });
    };
    coming.on("ended", over);
    coming.on("failed", over);
  }

  function forget() {
    session = null;
    connection = null;
    for (const each of far.getTracks()) {
      far.removeTrack(each);
    }
  }

  // Asterisk has given up on a line that was cut for long, and calls this page back.
  function drop() {
    const former = session;
    forget();
    former.terminate();
  }

  function senderOf(kind) {
    return connection?.getSenders().find((each) => each.track?.kind === kind) ?? null;
  }

  // A browser that does not know how sends one when it is asked, a moment later.
  async function sendWholePicture() {
    const sender = senderOf("video");
    const parameters = sender?.getParameters();
    const encodingOptions = parameters?.encodings?.map(() => ({ keyFrame: true }));
    if (encodingOptions?.length) {
      await sender.setParameters(parameters, { encodingOptions }).catch(() => {});
    }
  }

  telephone.start();
  return {
    answer(tracks) {
      session?.answer({ mediaStream: new MediaStream(tracks), pcConfig: { iceServers: [] } });
    },
    refuse() {
      session?.terminate({ status_code: 486 });
    },
    hangUp() {
      session?.terminate();
    },
    mute(isMuted) {
      session?.[isMuted ? "mute" : "unmute"]({ audio: true });
    },
    // Gives whether the wish was taken: one change of a call waits for the one before.
    hold(isHeld) {
      return session?.[isHeld ? "hold" : "unhold"]() ?? false;
    },
    async send(track) {
      await senderOf(track.kind)?.replaceTrack(track);
    },
    async boundPicture(kilobits) {
      const sender = senderOf("video");
      const parameters = sender?.getParameters();
      if (!parameters?.encodings?.length) {
        return;
      }
      for (const encoding of parameters.encodings) {
        encoding.maxBitrate = kilobits * 1000;
        encoding.maxFramerate = 20;
      }
      await sender.setParameters(parameters);
    },
    tell(text) {
      if (session?.isEstablished() && telephone.isConnected()) {
        session.sendRequest("MESSAGE", { extraHeaders: ["Content-Type: text/plain"], body: text });
      }
    },
    async counts() {
      return connection === null ? null : countCall((await connection.getStats()).values());
    },
    // With another secret; a call goes on.
    renew({ ha1 }) {
      telephone.set("ha1", ha1);
      if (telephone.isConnected()) {
        telephone.register();
      }
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
      telephone.stop();
    },
  };
}
