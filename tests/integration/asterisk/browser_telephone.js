// SPDX-License-Identifier: AGPL-3.0-or-later
"use strict";

(() => {
  const far = document.getElementById("far");
  let telephone = null;
  let current = null;
  let connection = null;
  // What the telephone last said of itself.
  window.state = "";

  // Ask for a secret as the desk does, with the token of a page of the site.
  window.ask = async () => {
    const page = await (await fetch("/mot-de-passe")).text();
    const token = /name="csrf_token" value="([^"]+)"/.exec(page)[1];
    const answer = await fetch("/bureau/telephone", {
      method: "POST",
      headers: { "X-CSRFToken": token },
    });
    return answer.ok ? answer.json() : { status: answer.status };
  };

  window.telephone = ({ uri, realm, ha1, server }) => {
    window.state = "";
    telephone?.stop();
    telephone = new JsSIP.UA({
      sockets: [new JsSIP.WebSocketInterface(server)],
      uri,
      realm,
      ha1,
      session_timers: false,
    });
    telephone.on("registered", () => {
      window.state = "registered";
    });
    telephone.on("registrationFailed", ({ response }) => {
      window.state = `refused ${response?.status_code ?? ""}`.trim();
    });
    telephone.on("newRTCSession", ({ session }) => {
      current = session;
      session.on("peerconnection", ({ peerconnection }) => {
        connection = peerconnection;
        peerconnection.addEventListener("track", ({ streams }) => {
          far.srcObject = streams[0];
        });
      });
      session.answer({
        mediaConstraints: { audio: true, video: { width: 640, height: 360 } },
        pcConfig: { iceServers: [] },
      });
    });
    telephone.start();
  };

  window.again = () => {
    window.state = "";
    telephone.register();
  };
  window.hangUp = () => current.terminate();
  window.agreed = async () => {
    const told = [...(await connection.getStats()).values()];
    const { tlsVersion, dtlsCipher, srtpCipher } = told.find(({ type }) => type === "transport");
    return { tlsVersion, dtlsCipher, srtpCipher };
  };
  // Where the media goes, and under which numbers.
  window.way = async () => {
    const told = [...(await connection.getStats()).values()];
    const pair = told.find(({ id }) => id === told.find(({ type }) => type === "transport").selectedCandidatePairId);
    const { port } = told.find(({ id }) => id === pair.remoteCandidateId);
    const sources = told.filter(({ type }) => type.endsWith("bound-rtp")).map(({ ssrc }) => ssrc);
    return { port, sources };
  };
  window.sound = async () => {
    const told = [...(await connection.getStats()).values()];
    return told.find(({ type, kind }) => type === "inbound-rtp" && kind === "audio").packetsReceived;
  };
  window.pictures = () => far.getVideoPlaybackQuality().totalVideoFrames;
})();
