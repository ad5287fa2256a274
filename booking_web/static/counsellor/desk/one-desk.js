// SPDX-License-Identifier: AGPL-3.0-or-later
// One browser has one open desk: of two tabs the second asks the first.
"use strict";

// Calls `hear` with {isElsewhere: true, isInCall} and, where another tab takes over, {isTaken}.
// `isInCall` says whether this tab may be left.
// biome-ignore lint/correctness/noUnusedVariables: called by being-there.js
function openOneDesk(isInCall, hear) {
  const channel = new BroadcastChannel("guichet-desk");
  const me = Array.from(crypto.getRandomValues(new Uint8Array(8)), (each) => each.toString(16)).join("-");
  let isHolding = false;

  channel.onmessage = ({ data }) => {
    if (data.from === me) {
      return;
    }
    if (data.kind === "who" && isHolding) {
      channel.postMessage({ kind: "here", from: me, isInCall: isInCall() });
    } else if (data.kind === "here") {
      hear({ isElsewhere: true, isInCall: data.isInCall });
    } else if (data.kind === "take" && isHolding) {
      if (isInCall()) {
        channel.postMessage({ kind: "here", from: me, isInCall: true });
        return;
      }
      isHolding = false;
      hear({ isTaken: true });
      channel.postMessage({ kind: "taken", from: me });
    } else if (data.kind === "taken") {
      hear({ isFree: true });
    }
  };
  return {
    // Gives true where another tab of this browser has the desk.
    async isTaken() {
      const ANSWER_MS = 300;
      return new Promise((resolve) => {
        const answer = (event) => {
          if (event.data.kind === "here" && event.data.from !== me) {
            done(true);
          }
        };
        const timer = setTimeout(() => done(false), ANSWER_MS);
        function done(isTaken) {
          clearTimeout(timer);
          channel.removeEventListener("message", answer);
          resolve(isTaken);
        }
        channel.addEventListener("message", answer);
        channel.postMessage({ kind: "who", from: me });
      });
    },
    hold() {
      isHolding = true;
    },
    leave() {
      isHolding = false;
    },
    take() {
      channel.postMessage({ kind: "take", from: me });
    },
  };
}
