// SPDX-License-Identifier: AGPL-3.0-or-later
// What the page and the kiosk's telephone tell each other of the line, as text in a MESSAGE: the
// other side is sip_endpoints/call/line_report.py. No state.
"use strict";

// Asterisk repeats no packet: a browser that may ask for one waits for what never comes, and its
// picture stands still. It is left the other way, to ask for a whole picture.
// biome-ignore lint/correctness/noUnusedVariables: called by telephone.js
function sdpWithoutRepeats(sdp) {
  return sdp.replace(/^a=rtcp-fb:\S+ nack\r?\n/gm, "");
}

// A browser that hides its addresses, of a page that was given no device for instance, writes 0.0.0.0:
// to Asterisk that is a call on hold (RFC 3264, 8.4). The media goes where ICE leads, whatever stands here.
// biome-ignore lint/correctness/noUnusedVariables: called by telephone.js
function sdpWithAddress(sdp) {
  return sdp.replace(/^c=IN IP4 0\.0\.0\.0\r?$/gm, (line) => line.replace("0.0.0.0", "127.0.0.1"));
}

// Whether this address of the browser's is enough to answer with: nobody waits for the whole list, since
// Asterisk learns the others by what comes from them. It needs one that pairs with one of its own.
// biome-ignore lint/correctness/noUnusedVariables: called by telephone.js
function isCandidateEnough({ protocol, address }, offered) {
  const isIpv4 = /^\d+(?:\.\d+){3}$/.test(address ?? "");
  return protocol === "udp" && isIpv4 && /^a=candidate:\S+ 1 udp \d+ \d+(?:\.\d+){3} /im.test(offered);
}

// biome-ignore lint/correctness/noUnusedVariables: called by line-keeper.js
function writeLineReport({ loss, pictures, kbps, most = null }) {
  const thousandths = Math.round(1000 * Math.min(1, Math.max(0, loss)));
  const rate = Math.min(999, Math.max(0, Math.round(pictures)));
  const kilobits = Math.min(999999, Math.max(0, Math.round(kbps)));
  return `guichet-line/1 loss=${thousandths} pictures=${rate} kbps=${kilobits}${most === null ? "" : ` most=${most}`}`;
}

// Gives null for a text that is no report.
// biome-ignore lint/correctness/noUnusedVariables: called by line-keeper.js
function readLineReport(text) {
  const found = /^guichet-line\/1 loss=(\d{1,4}) pictures=(\d{1,3}) kbps=(\d{1,6})(?: most=(\d{1,6}))?\s*$/.exec(text);
  if (found === null || Number(found[1]) > 1000) {
    return null;
  }
  return {
    loss: Number(found[1]) / 1000,
    pictures: Number(found[2]),
    kbps: Number(found[3]),
    most: found[4] === undefined ? null : Number(found[4]),
  };
}
