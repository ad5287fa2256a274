// SPDX-License-Identifier: AGPL-3.0-or-later
// Knows which other tabs of this browser have the same draft open: who closes one of them has
// not left it. Tabs tell each other; after one that was killed, ten minutes without a key do.
"use strict";

// biome-ignore lint/correctness/noUnusedVariables: called by filling.js
function otherTabs(name) {
  const channel = new BroadcastChannel(name);
  const own = `${performance.timeOrigin} ${Math.random()}`;
  const others = new Set();

  channel.onmessage = ({ data: { kind, id } }) => {
    if (kind === "bye") {
      others.delete(id);
      return;
    }
    others.add(id);
    if (kind === "hello") {
      channel.postMessage({ kind: "here", id: own });
    }
  };

  function come() {
    others.clear();
    channel.postMessage({ kind: "hello", id: own });
  }

  // Back from the browser's memory.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) {
      come();
    }
  });
  come();
  return {
    areOpen: () => others.size > 0,
    leave() {
      channel.postMessage({ kind: "bye", id: own });
    },
  };
}
