// SPDX-License-Identifier: AGPL-3.0-or-later
// What stage/browser_phone.py has a browser note of the desk that it shows: the desk's states as they
// come, what the telephone is told, connections and devices. It changes nothing of the page; whoever
// asks for it has the calls answered as they ring, by the page's own button.
"use strict";

(() => {
  if (window.top !== window) {
    return;
  }
  // What the page lets go is not held here.
  const connections = [];
  const tracks = [];
  const watch = {
    answers: false,
    states: [],
    messages: [],
    call: null,

    // What the last connection that is open counts, with what was drawn; null without a call.
    async counters() {
      const connection = watch.open().at(-1);
      if (watch.call === null || connection === undefined) {
        return null;
      }
      const far = document.getElementById("far-picture");
      const told = { audio: null, video: null, sent: null };
      const reports = await connection.getStats();
      for (const each of reports.values()) {
        if (each.type === "inbound-rtp") {
          told[each.kind] = {
            packets_received: each.packetsReceived ?? 0,
            packets_lost: each.packetsLost ?? 0,
            samples: each.totalSamplesReceived ?? 0,
            concealed: each.concealedSamples ?? 0,
            codec: reports.get(each.codecId)?.mimeType.split("/")[1] ?? "",
            fps: each.framesPerSecond ?? 0,
          };
        } else if (each.type === "outbound-rtp" && each.kind === "video") {
          told.sent = { frames: each.framesSent ?? 0, bytes: each.bytesSent ?? 0, width: each.frameWidth ?? 0, height: each.frameHeight ?? 0 };
        }
      }
      if (told.video !== null) {
        told.video.frames_decoded = far.getVideoPlaybackQuality().totalVideoFrames;
        told.video.width = far.videoWidth;
        told.video.height = far.videoHeight;
        told.video.gap_milliseconds = gap();
      }
      return { ...watch.call, ...told };
    },

    open() {
      const found = connections.map((each) => each.deref()).filter((each) => each !== undefined);
      return found.filter((each) => each.connectionState !== "closed");
    },

    // How many devices are still open.
    openTracks() {
      const found = tracks.map((each) => each.deref()).filter((each) => each !== undefined);
      return found.filter((each) => each.readyState === "live").length;
    },
  };
  window.deskWatch = watch;

  window.RTCPeerConnection = class extends window.RTCPeerConnection {
    constructor(...settings) {
      super(...settings);
      connections.push(new WeakRef(this));
    }
  };

  const ask = window.MediaDevices?.prototype.getUserMedia;
  if (ask !== undefined) {
    window.MediaDevices.prototype.getUserMedia = async function getUserMedia(wishes) {
      const stream = await ask.call(this, wishes);
      tracks.push(...stream.getTracks().map((each) => new WeakRef(each)));
      return stream;
    };
  }

  // How long the kiosk's picture stood still, at the longest since somebody asked.
  let drawn = 0;
  let drawnAt = performance.now();
  let longest = 0;

  function gap() {
    const told = Math.max(longest, performance.now() - drawnAt);
    longest = 0;
    return told;
  }

  window.setInterval(() => {
    const far = document.getElementById("far-picture");
    const now = performance.now();
    const seen = far?.getVideoPlaybackQuality().totalVideoFrames ?? 0;
    longest = Math.max(longest, now - drawnAt);
    if (seen !== drawn) {
      if (watch.call !== null && seen > 0) {
        watch.call.first_picture_at ??= Date.now();
      }
      drawn = seen;
      drawnAt = now;
    }
  }, 20);

  function follow(desk) {
    const state = desk.dataset.state;
    const at = Date.now();
    if (watch.states.at(-1)?.state === state) {
      return;
    }
    watch.states.push({ state, at });
    if (state === "ringing") {
      watch.call = { began_at: at, answered_at: null, confirmed_at: null, first_picture_at: null, remote_name: "" };
      if (watch.answers) {
        // The page has drawn all of it first.
        window.setTimeout(() => desk.querySelector("[data-act=answer]").click());
      }
    } else if (state === "connecting" && watch.call !== null) {
      watch.call.answered_at = at;
    } else if (state === "in_call" && watch.call !== null) {
      watch.call.confirmed_at ??= at;
      watch.call.remote_name = desk.querySelector("[data-place=who]").textContent.trim();
    } else if (!["held", "leaving"].includes(state)) {
      watch.call = null;
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    const desk = document.getElementById("call-desk");
    if (desk === null) {
      return;
    }
    new MutationObserver(() => follow(desk)).observe(desk, { attributeFilter: ["data-state"] });
    const place = desk.querySelector("[data-place=message]");
    new MutationObserver(() => {
      const text = place.textContent.trim();
      if (text !== "") {
        watch.messages.push(text);
      }
    }).observe(place, { childList: true, subtree: true });
  });
})();
