// SPDX-License-Identifier: AGPL-3.0-or-later
// Keeps the CV as it is typed. What adds, moves or prints sends the whole form, as without scripts.
"use strict";

(() => {
  const ANSWER_MS = 15000;
  // Said by what stands before the server, or by the server itself, while it cannot.
  const AWAY = [408, 429, 500, 502, 503, 504];
  const form = document.getElementById("cv");
  const trouble = document.getElementById("trouble");
  const saving = document.getElementById("saving");
  const notKept = document.getElementById("not-kept");
  let revision = Number(form.dataset.revision);
  let isLeaving = false;

  const controls = [...form.querySelectorAll("[data-key]")];
  const preview = cvPreview(form);
  const queue = fieldQueue(send, tell);

  function writtenIn(control) {
    return control.type === "checkbox" ? (control.checked ? "1" : "") : control.value;
  }

  function controlOf(key) {
    return controls.find((each) => each.dataset.key === key && (each.type !== "radio" || each.checked));
  }

  function say(words) {
    trouble.hidden = words === "";
    if (trouble.textContent !== words) {
      trouble.textContent = words;
    }
    trouble.className = words === "" ? "" : "notice notice-warning";
  }

  function tell(isLost) {
    const isWaiting = queue.unsaved().size > 0;
    saving.hidden = false;
    saving.classList.toggle("is-waits", isWaiting && !isLost);
    saving.classList.toggle("is-lost", isLost);
    const words = isLost ? saving.dataset.lost : isWaiting ? saving.dataset.waits : saving.dataset.saved;
    saving.querySelector("span").textContent = words;
    if (isLost) {
      say(trouble.dataset.lost);
    }
  }

  function refuse(key, words) {
    const said = form.querySelector(`[data-field="${CSS.escape(key)}"] [data-said]`);
    if (said !== null) {
      said.textContent = words;
      said.hidden = words === "";
    }
  }

  // What others wrote meanwhile; never over what is being typed here.
  function putIn(meanwhile) {
    const unsaved = queue.unsaved();
    for (const [key, value] of Object.entries(meanwhile)) {
      if (!unsaved.has(key)) {
        for (const each of controls.filter((one) => one.dataset.key === key)) {
          if (each.type === "radio") {
            each.checked = each.value === value;
          } else if (each !== document.activeElement) {
            each.value = value;
          }
        }
      }
    }
  }

  function stop(words) {
    const lost = queue.stop();
    say(words);
    form.querySelector("#fields").disabled = true;
    const list = notKept.querySelector("dl");
    for (const [key, typed] of lost) {
      const name = document.createElement("dt");
      const text = document.createElement("dd");
      const label = controlOf(key)?.labels?.[0];
      name.textContent = label ? label.textContent : key;
      text.textContent = typed;
      text.className = "kept-lines";
      list.append(name, text);
    }
    notKept.hidden = lost.size === 0;
  }

  async function send(key, typed) {
    const body = new URLSearchParams({ csrf_token: form.dataset.token, cle: key, valeur: typed, revision });
    let answer;
    let told;
    try {
      answer = await fetch(form.dataset.field, {
        method: "POST",
        body,
        redirect: "manual",
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      told = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
    } catch {
      return "again";
    }
    if (AWAY.includes(answer.status)) {
      return "again";
    }
    if (answer.status === 401 || answer.status === 400) {
      tell(true);
      say(trouble.dataset.signedOut);
      return "again";
    }
    if (answer.status === 422) {
      refuse(key, told.refused ?? "");
      return "refused";
    }
    if (answer.status === 409) {
      setTimeout(() => stop(trouble.dataset.taken.replace("{who}", told.holder)));
      return "stop";
    }
    if (!answer.ok) {
      setTimeout(() => stop(trouble.dataset.gone));
      return "stop";
    }
    revision = Math.max(revision, told.revision);
    say(told.is_restructured ? trouble.dataset.restructured : "");
    refuse(key, "");
    putIn(told.meanwhile);
    preview.soon();
    return "kept";
  }

  function put(control) {
    preview.at(control.dataset.key);
    queue.put(control.dataset.key, writtenIn(control));
  }

  form.addEventListener("input", (event) => {
    if (event.target.dataset.key) {
      put(event.target);
    }
  });
  // Where one is, the second screen looks.
  form.addEventListener("focusin", (event) => {
    if (event.target.dataset.key) {
      preview.at(event.target.dataset.key);
      preview.soon();
    }
  });
  // The whole form has all that was typed.
  form.addEventListener("submit", () => {
    isLeaving = true;
    form.elements.revision.value = revision;
    queue.stop();
  });
  window.addEventListener("keydown", (event) => {
    const button = form.querySelector('[aria-keyshortcuts="F2"]');
    if (event.key === "F2" && !event.repeat && button !== null) {
      event.preventDefault();
      button.click();
    }
  });
  window.addEventListener("beforeunload", (event) => {
    if (!isLeaving && queue.unsaved().size > 0) {
      event.preventDefault();
    }
  });
  window.addEventListener("online", () => queue.tryNow());
  window.addEventListener("focus", () => queue.tryNow());

  cvPhrases(form, put);
  document.getElementById("save-all").hidden = true;
  preview.soon();
})();
