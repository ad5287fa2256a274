// SPDX-License-Identifier: AGPL-3.0-or-later
// Talks with the server about one draft, and says on the page how that goes.
"use strict";

// biome-ignore lint/correctness/noUnusedVariables: called by filling.js
function draftServer(root) {
  const TIMEOUT_MS = 20000;
  const { draft } = root.dataset;
  let { token } = root.dataset;

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

  function post(path, values) {
    return ask(path, { method: "POST", body: new URLSearchParams({ csrf_token: token, ...values }) });
  }

  // Who has signed in again since has another token; gives whether there is a new one.
  async function renewToken() {
    const { status, told } = await ask("jeton");
    if (status !== 200 || told.token === token) {
      return false;
    }
    token = told.token;
    for (const each of document.querySelectorAll("input[name=csrf_token]")) {
      each.value = token;
    }
    for (const each of document.querySelectorAll("[data-token]")) {
      each.dataset.token = token;
    }
    return true;
  }

  return {
    // Told on leaving: nobody waits for an answer.
    leave: (path) => navigator.sendBeacon(
      `${draft}/${path}`, new URLSearchParams({ csrf_token: token }),
    ),
    read: (path, values) => ask(`${path}?${new URLSearchParams(values)}`),
    async send(path, values) {
      const answer = await post(path, values);
      const isRefused = answer.status === 400 || answer.status === 401;
      return isRefused && (await renewToken()) ? post(path, values) : answer;
    },
  };
}

// biome-ignore lint/correctness/noUnusedVariables: called by filling.js
function draftWords() {
  const trouble = document.getElementById("trouble");
  const saving = document.getElementById("saving");
  const notKept = document.getElementById("not-kept");
  const replaced = document.getElementById("replaced");
  // Pressed before the hand was back.
  const waiting = new Set();
  saving.hidden = false;

  function sayTrouble(kind, who = "") {
    const words = kind ? trouble.dataset[kind].replace("{who}", who) : "";
    if (trouble.textContent !== words) {
      trouble.textContent = words;
      trouble.className = words ? "notice notice-warning" : "";
    }
  }

  function button(words, kind, act) {
    const made = document.createElement("button");
    made.textContent = words;
    made.type = "button";
    made.className = `btn btn-outline-${kind} btn-sm`;
    made.addEventListener("click", act);
    return made;
  }

  // Adds a text to a notice, with what can be done with it.
  function addTo(notice, { label, value, field }, restore) {
    const row = document.createElement("div");
    const what = document.createElement("dt");
    const words = document.createElement("dd");
    const text = document.createElement("span");
    function remove() {
      waiting.delete(putBack);
      row.remove();
      notice.hidden = notice.querySelector("dt") === null;
    }
    function putBack() {
      if (restore(field, value)) {
        remove();
      } else {
        waiting.add(putBack);
      }
    }
    row.dataset.of = field;
    what.textContent = label;
    text.textContent = value;
    words.append(text, " ", button(notice.dataset.restore, "primary", putBack));
    if (notice.dataset.drop) {
      words.append(" ", button(notice.dataset.drop, "secondary", remove));
    }
    row.append(what, words);
    notice.querySelector("dl").append(row);
    notice.hidden = false;
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
      for (const each of found) {
        addTo(notKept, each, restore);
      }
    },
    // Shows a text that gave way to another; of each field, the last one.
    showReplaced(found, restore) {
      replaced.querySelector(`[data-of="${found.field}"]`)?.remove();
      addTo(replaced, found, restore);
    },
    hasNotKept: () => !notKept.hidden,
    // Puts back what somebody wanted back while another had the hand.
    putBackWanted() {
      const wanted = Array.from(waiting);
      waiting.clear();
      for (const putBack of wanted) {
        putBack();
      }
    },
  };
}
