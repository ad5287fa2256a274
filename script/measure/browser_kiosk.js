// SPDX-License-Identifier: AGPL-3.0-or-later
"use strict";

(() => {
  const LOOK_MS = 20;
  const far = document.getElementById("far");
  let connection = null;
  let frames = 0;
  let framesAt = performance.now();
  let longest = 0;
  let answeredAt = null;
  let firstPictureAt = null;

  // How long the picture has stood still, at the longest since somebody asked.
  window.setInterval(() => {
    const now = performance.now();
    const seen = far.getVideoPlaybackQuality().totalVideoFrames;
    longest = Math.max(longest, now - framesAt);
    if (seen !== frames) {
      if (connection !== null && seen > 0) {
        firstPictureAt ??= Date.now();
      }
      frames = seen;
      framesAt = now;
    }
  }, LOOK_MS);

  async function bound(kilobits) {
    for (const sender of connection.getSenders()) {
      if (sender.track?.kind === "video") {
        const parameters = sender.getParameters();
        for (const encoding of parameters.encodings) {
          encoding.maxBitrate = kilobits * 1000;
        }
        await sender.setParameters(parameters);
      }
    }
  }

  window.start = ({ slug, secret, realm, server, socket, picture, ringMs }) => {
    const telephone = new JsSIP.UA({
      sockets: [new JsSIP.WebSocketInterface(socket)],
      uri: `sip:${slug}@${server}`,
      password: secret,
      realm,
      session_timers: false,
    });
    telephone.on("newRTCSession", ({ session, originator }) => {
      if (originator !== "remote") {
        return;
      }
      session.on("peerconnection", (event) => {
        connection = event.peerconnection;
        connection.addEventListener("track", ({ track, streams }) => {
          far.srcObject = streams[0] ?? new MediaStream([track]);
        });
      });
      session.on("confirmed", () => bound(picture.kilobits));
      session.on("ended", () => {
        connection = null;
      });
      firstPictureAt = null;
      window.setTimeout(() => {
        answeredAt = Date.now();
        session.answer({
          mediaConstraints: {
            audio: true,
            video: { width: picture.width, height: picture.height, frameRate: picture.rate },
          },
          pcConfig: { iceServers: [] },
        });
      }, ringMs);
    });
    telephone.start();
  };

  window.counters = async () => {
    if (connection === null) {
      return null;
    }
    const told = { audio: null, video: null, answered_at: answeredAt, first_picture_at: firstPictureAt };
    for (const report of (await connection.getStats()).values()) {
      if (report.type === "inbound-rtp") {
        told[report.kind] = {
          packets_received: report.packetsReceived,
          packets_lost: report.packetsLost,
          frames_decoded: report.framesDecoded ?? 0,
        };
      }
    }
    if (told.video !== null) {
      told.video.gap_milliseconds = Math.max(longest, performance.now() - framesAt);
      longest = 0;
    }
    return told;
  };
})();
