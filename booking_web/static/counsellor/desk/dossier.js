// SPDX-License-Identifier: AGPL-3.0-or-later
// The frame in which the other pages live: where it is, whether something is being typed there,
// and a change of page that throws nothing away.
"use strict";

// Calls `hear` with {isSignedOut}, {isShown: path} and {key: event}. `signIn` is the address of the sign-in.
// biome-ignore lint/correctness/noUnusedVariables: called by desk.js
function openDossier(frame, signIn, hear) {
  const AGAIN_MS = 5000;
  let isTyped = false;
  let timer = null;

  function looked() {
    clearTimeout(timer);
    let page = null;
    try {
      page = frame.contentDocument;
    } catch {
      page = null;
    }
    const path = page?.location?.pathname;
    if (!path || path === "blank") {
      // What stands before the server answered for it: that page may be in no frame.
      timer = setTimeout(() => {
        frame.src = frame.dataset.wanted;
      }, AGAIN_MS);
      return;
    }
    frame.dataset.wanted = path + page.location.search;
    // A form that came back refused holds what was typed, and nothing else does.
    isTyped = frame.contentWindow.history.state?.isAnswer === true;
    page.addEventListener("input", (event) => {
      isTyped = isTyped || isWritten(event.target) || ["checkbox", "radio", "file"].includes(event.target?.type);
    });
    frame.contentWindow.addEventListener("keydown", (event) => hear({ key: event }));
    hear({ isSignedOut: path === signIn });
    hear({ isShown: path });
  }

  frame.addEventListener("load", looked);
  return {
    // Once whoever hears is ready: over a slow line the frame may have its page before this script.
    begin() {
      if (frame.contentDocument?.readyState === "complete" && frame.contentDocument.location.pathname !== "blank") {
        looked();
      }
    },
    get isTyped() {
      return isTyped;
    },
    get path() {
      return frame.contentDocument?.location?.pathname ?? "";
    },
    // The page that is there now; null: none of ours.
    get page() {
      return frame.contentDocument;
    },
    get isWriting() {
      return isWritten(frame.contentDocument?.activeElement);
    },
    // Beside the call; or in another tab, where something is typed here that is not sent yet.
    signIn() {
      if (this.path === signIn) {
        frame.focus();
        return;
      }
      const address = `${signIn}?next=${encodeURIComponent(this.path)}`;
      if (this.show(address)) {
        frame.focus();
      } else {
        window.open(address, "_blank", "noopener");
      }
    },
    // Gives false where something is typed there that the change of page would throw away.
    show(address, isForced = false) {
      if (this.path === address) {
        return true;
      }
      if (isTyped && !isForced) {
        return false;
      }
      isTyped = false;
      frame.dataset.wanted = address;
      frame.contentWindow.location.assign(address);
      return true;
    },
  };
}
