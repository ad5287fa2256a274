// SPDX-License-Identifier: AGPL-3.0-or-later
// What a browser counts in a call, what came of it between two looks, and in which word that is
// told. No state.
"use strict";

// `reports` are the values of RTCPeerConnection.getStats().
// biome-ignore lint/correctness/noUnusedVariables: called by telephone.js
function countCall(reports) {
  // What no packet's count has: the headers of IP and UDP, and the tag of SRTP.
  const PACKET_BYTES = 38;
  const counts = {
    at: 0, received: 0, lost: 0, pictureLost: 0, bytes: 0, frames: 0, freezes: 0, frozen: 0,
    sound: 0, soundLost: 0, samples: 0, concealed: 0, sent: 0, roundTrip: null,
  };
  for (const each of reports) {
    if (each.type === "inbound-rtp") {
      const packets = each.packetsReceived ?? 0;
      counts.at = Math.max(counts.at, each.timestamp);
      counts.received += packets;
      counts.lost += Math.max(0, each.packetsLost ?? 0);
      counts.bytes += (each.bytesReceived ?? 0) + (each.headerBytesReceived ?? 0) + PACKET_BYTES * packets;
      if (each.kind === "video") {
        counts.frames += each.framesDecoded ?? 0;
        counts.pictureLost += Math.max(0, each.packetsLost ?? 0);
        counts.freezes += each.freezeCount ?? 0;
        counts.frozen += each.totalFreezesDuration ?? 0;
      } else {
        counts.sound += packets;
        counts.soundLost += Math.max(0, each.packetsLost ?? 0);
        counts.samples += each.totalSamplesReceived ?? 0;
        counts.concealed += each.concealedSamples ?? 0;
      }
    } else if (each.type === "outbound-rtp" && each.kind === "video") {
      counts.sent += each.framesSent ?? 0;
    } else if (each.type === "remote-inbound-rtp" && each.kind === "audio" && each.roundTripTime !== undefined) {
      counts.roundTrip = each.roundTripTime;
    }
  }
  return counts;
}

// Gives null where no time went by, or where the browser began to count anew: Firefox does so for what
// it receives whenever the bound of what it sends is changed.
// biome-ignore lint/correctness/noUnusedVariables: called by line-keeper.js
function betweenCounts(before, after) {
  const seconds = (after.at - before.at) / 1000;
  const received = after.received - before.received;
  const isAnew = ["received", "frames", "sound", "samples"].some((each) => after[each] < before[each]);
  if (seconds <= 0 || isAnew) {
    return null;
  }
  const share = (part, whole) => (part <= 0 || whole <= 0 ? 0 : Math.min(1, part / whole));
  const lost = Math.max(0, after.lost - before.lost);
  return {
    seconds,
    loss: share(lost, lost + received),
    pictures: Math.max(0, after.frames - before.frames) / seconds,
    kbps: (8 * (after.bytes - before.bytes)) / seconds / 1000,
    concealed: share(after.concealed - before.concealed, after.samples - before.samples),
    freezes: Math.max(0, after.freezes - before.freezes),
    frozen: Math.max(0, after.frozen - before.frozen),
    sent: Math.max(0, after.sent - before.sent) / seconds,
    roundTrip: after.roundTrip,
  };
}

// In one word how well one side sees and hears the other; the same words as the kiosk's.
// biome-ignore lint/correctness/noUnusedVariables: called by line-keeper.js
function lineQuality({ loss, pictures, concealed = 0, roundTrip = null }, hadPictures) {
  if (loss >= 0.15 || concealed >= 0.15) {
    return "broken";
  }
  if (hadPictures && pictures < 1) {
    return "no_picture";
  }
  if (loss >= 0.08 || concealed >= 0.05 || (hadPictures && pictures < 8)) {
    return "coarse";
  }
  return roundTrip !== null && roundTrip > 0.8 ? "late" : "good";
}

// Gives a function that tells a quality only once it lasted: worse soon, better later.
// biome-ignore lint/correctness/noUnusedVariables: called by line-keeper.js
function lastingQuality(worseMs = 4000, betterMs = 10000) {
  const order = ["good", "late", "coarse", "no_picture", "broken"];
  let told = "good";
  let since = null;
  return (seen, now) => {
    if (seen === told) {
      since = null;
      return told;
    }
    since ??= now;
    const isWorse = order.indexOf(seen) > order.indexOf(told);
    if (now - since >= (isWorse ? worseMs : betterMs)) {
      told = seen;
      since = null;
    }
    return told;
  };
}

// Gives a function that is told what was counted, often, and says whether to ask for a whole
// picture: they stand still, sooner where packets were lost since the last one. It is asked for again
// soon, since the other side makes one a second at most and forgets who asks before; less often where
// that was no cure, as over a line that is left to the sound.
// biome-ignore lint/correctness/noUnusedVariables: called by line-keeper.js
function stalledPictures(stillMs = 250, lossyMs = 150) {
  const [SOON_MS, LATER_MS, ASKED_SOON] = [300, 2000, 5];
  let before = null;
  let movedAt = 0;
  let asked = 0;
  let askedAt = Number.NEGATIVE_INFINITY;
  return (seen, now) => {
    if (before === null || seen.frames !== before.frames) {
      before = seen;
      movedAt = now;
      asked = 0;
      return false;
    }
    const isStill = now - movedAt >= (seen.pictureLost > before.pictureLost ? lossyMs : stillMs);
    if (seen.frames === 0 || !isStill || now - askedAt < (asked < ASKED_SOON ? SOON_MS : LATER_MS)) {
      return false;
    }
    asked += 1;
    askedAt = now;
    return true;
  };
}
