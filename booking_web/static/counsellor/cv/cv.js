// SPDX-License-Identifier: AGPL-3.0-or-later
// Keeps the CV as it is typed, and follows what is typed elsewhere. What adds, moves or prints sends
// the whole form, as without scripts.
"use strict";

(() => {
  const root = document.getElementById("writing");
  const form = document.getElementById("cv");
  const ask = document.querySelectorAll("#fields, #wordings");
  const server = draftServer(root);
  const words = draftWords();
  const fields = cvFields(form);
  const queue = fieldQueue(send, tell);
  const { follow, stop } = cvFollowing(look, () => revision);
  let revision = Number(root.dataset.revision);
  let isMine = root.dataset.isAnother === "0";
  let heldAt = revision;
  let isLeaving = false;
  // The field that had the keyboard last: it is the one that is read aloud.
  let last = "";
  const preview = cvPreview(form, () => isMine);
  const phrases = cvPhrases(form, put);

  function tell(isLost) {
    const isWaiting = queue.unsaved().size > 0;
    words.saySaving(isLost ? "lost" : isWaiting ? "waits" : "saved");
    if (isLost) {
      words.sayTrouble("lost");
    }
  }

  // --- What is typed goes out.

  function put(control) {
    preview.at(control.dataset.key);
    phrases.callJob(control.dataset.key, control.value);
    queue.put(control.dataset.key, fields.value(control));
  }

  async function send(key, typed) {
    const { status, told } = await server.send("champ", {
      cv: root.dataset.cv, cle: key, valeur: typed, revision,
    });
    if (status === 200) {
      words.sayTrouble("");
      fields.say(key, "");
      take(told);
      preview.soon();
      return "kept";
    }
    if (status === 409 && told) {
      // The queue has it until it was told to stop.
      setTimeout(() => taken(told.holder));
      return "stop";
    }
    if (status === 422) {
      fields.say(key, told?.refused ?? "");
      return "refused";
    }
    if (status === 404) {
      setTimeout(gone);
      return "stop";
    }
    if (status === 401 || status === 400) {
      setTimeout(() => words.sayTrouble("signedOut"));
    }
    return "again";
  }

  // --- What is typed elsewhere comes in, but never over what is being typed here.

  function take(told) {
    if (told.revision < revision) {
      return;
    }
    const unsaved = queue.unsaved();
    const changed = Object.entries(told.meanwhile).filter(([key]) => !unsaved.has(key));
    for (const [key, value] of changed) {
      fields.setValue(key, value);
      phrases.callJob(key, value);
    }
    fields.showed(told.digests);
    if (told.revision > revision && changed.length > 0) {
      preview.soon();
    }
    revision = told.revision;
  }

  async function look() {
    const { status, told } = await server.read("etat", { revision });
    if (status === 404 || (status === 200 && String(told.cv) !== root.dataset.cv)) {
      gone();
    } else if (status === 200) {
      takeState(told);
    }
  }

  function takeState(told) {
    if (isMine && !told.isMine) {
      taken(told.holder);
    } else if (!isMine && told.isMine) {
      mine();
    }
    take(told);
  }

  // --- Somebody else writes it, or nobody can any more.

  function enable(isOn) {
    isMine = isOn;
    for (const each of ask) {
      each.disabled = !isOn;
    }
  }

  function freeze() {
    enable(false);
    const left = Array.from(queue.stop(), ([field, value]) => ({ field, value, label: fields.label(field) }));
    words.showNotKept(left, restore);
    words.saySaving("saved");
  }

  function taken(holder) {
    freeze();
    words.sayTrouble("taken", holder);
    follow();
  }

  function gone() {
    stop();
    freeze();
    words.sayTrouble("gone");
  }

  function mine() {
    enable(true);
    words.sayTrouble("");
    queue.resume();
    words.putBackWanted();
  }

  function restore(key, value) {
    if (!isMine) {
      return false;
    }
    fields.setValue(key, value);
    queue.put(key, value);
    fields.focus(key);
    return true;
  }

  async function takeOver() {
    const { status, told } = await server.send("reprendre-la-main", { revision });
    if (status === 200) {
      takeState(told);
      document.querySelector("#held .notice")?.remove();
    } else {
      words.sayTrouble(status === 404 ? "gone" : status === 401 || status === 400 ? "signedOut" : "lost");
    }
  }

  function sayPlace() {
    const place = document.querySelector("[data-read-aloud]")?.elements.namedItem("place");
    if (place) {
      place.value = last;
    }
  }

  root.addEventListener("guichet:changed", () => {
    // Parts that came may be older than what was typed here, or than what was seen since.
    for (const [key, value] of queue.unsaved()) {
      fields.setValue(key, value);
    }
    phrases.again();
    const held = document.getElementById("held");
    if (Number(held.dataset.revision) !== heldAt) {
      heldAt = Number(held.dataset.revision);
      revision = Math.min(revision, heldAt);
    }
    sayPlace();
    follow();
  });
  form.addEventListener("input", (event) => {
    if (event.target.dataset.key) {
      put(event.target);
    }
  });
  // Where one is, the second screen looks.
  form.addEventListener("focusin", (event) => {
    if (event.target.dataset.key) {
      last = event.target.dataset.key;
      sayPlace();
      preview.at(last);
      preview.soon();
    }
  });
  // The whole form has all that was typed.
  form.addEventListener("submit", (event) => {
    if (event.submitter?.value === "take") {
      event.preventDefault();
      takeOver();
      return;
    }
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
    if (!isLeaving && (queue.unsaved().size > 0 || words.hasNotKept())) {
      event.preventDefault();
    }
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) {
      isLeaving = false;
      queue.resume();
      follow();
    }
  });
  window.addEventListener("online", () => queue.tryNow());
  window.addEventListener("focus", () => queue.tryNow());

  document.getElementById("save-all").hidden = true;
  words.saySaving("saved");
  for (const control of fields.typedEarly()) {
    put(control);
  }
  preview.soon();
})();
