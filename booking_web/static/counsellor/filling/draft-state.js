// SPDX-License-Identifier: AGPL-3.0-or-later
// Talks with the server about one draft, and says on the page how that goes.
"use strict";

// biome-ignore lint/correctness/noUnusedVariables: called by filling.js
function draftServer(root) {
  const TIMEOUT_MS = 20000;
  const { draft, token } = root.dataset;

  async function ask(path, options) {
    try {
      const answer = await fetch(`${draft}/${path}`, {
        cache: "no-store",
        redirect: "manual",
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...options,
      });
      const isJson = (answer.headers.get("Content-Type") || "").includes("json");
      // Led back to the page, as who has no script: it was done.
      const status = answer.type === "opaqueredirect" ? 303 : answer.status;
      return { status, told: isJson ? await answer.json() : null };
    } catch {
      return { status: 0, told: null };
    }
  }

  return {
    // Told on leaving: nobody waits for an answer.
    leave: (path) => navigator.sendBeacon(
      `${draft}/${path}`, new URLSearchParams({ csrf_token: token }),
    ),
    read: (path, values) => ask(`${path}?${new URLSearchParams(values)}`),
    send: (path, values) => ask(path, {
      method: "POST",
      body: new URLSearchParams({ csrf_token: token, ...values }),
    }),
  };
}

// biome-ignore lint/correctness/noUnusedVariables: called by filling.js
function draftWords() {
  const trouble = document.getElementById("trouble");
  const saving = document.getElementById("saving");
  const notKept = document.getElementById("not-kept");
  saving.hidden = false;

  function sayTrouble(kind, who = "") {
    const words = kind ? trouble.dataset[kind].replace("{who}", who) : "";
    if (trouble.textContent !== words) {
      trouble.textContent = words;
      trouble.className = words ? "notice notice-warning" : "";
    }
  }

  return {
    sayTrouble,
    saySaving(kind) {
      const words = saving.dataset[kind];
      const place = saving.querySelector("span");
      if (place.textContent !== words) {
        place.textContent = words;
        saving.className = `saving is-${kind}`;
      }
    },
    // Shows what could not be kept, each with a button that puts it back into its field.
    showNotKept(found, restore) {
      const list = notKept.querySelector("dl");
      for (const { label, value, field } of found) {
        const what = document.createElement("dt");
        const words = document.createElement("dd");
        const text = document.createElement("span");
        const button = document.createElement("button");
        what.textContent = label;
        text.textContent = value;
        button.type = "button";
        button.className = "btn btn-outline-primary btn-sm";
        button.textContent = notKept.dataset.restore;
        button.addEventListener("click", () => {
          if (restore(field, value)) {
            what.remove();
            words.remove();
            notKept.hidden = list.children.length === 0;
          }
        });
        words.append(text, " ", button);
        list.append(what, words);
      }
      notKept.hidden = list.children.length === 0;
    },
    hasNotKept: () => !notKept.hidden,
  };
}
