// SPDX-License-Identifier: AGPL-3.0-or-later
// The filling page: each change is sent as it is typed, the picture follows, a colleague's changes
// come in, and nothing that was typed is lost.
"use strict";

(() => {
  const root = document.getElementById("filling");
  const form = document.getElementById("form");
  const all = document.getElementById("fields");
  if (root === null || root.dataset.runs) {
    return;
  }
  root.dataset.runs = "1";
  const PICTURE_AGAIN_MS = 1000;
  const fields = formFields(form);
  const server = draftServer(root);
  const words = draftWords();
  const frameOnScreen = screenFrame(server);
  const pages = askedPages(fields);
  const tabs = otherTabs(root.dataset.draft);
  const picture = pagePicture(document.getElementById("sheet"), fields, fields.focus, turned);
  const queue = fieldQueue(sendField, tellSaving);
  const changes = draftChanges({
    revision: Number(root.dataset.revision),
    fields,
    picture,
    // What is left when somebody else fills it in is shown beside the form.
    unsaved: () => (isMine ? queue.unsaved() : new Map()),
    ask: look,
    tell: (field, value) => words.showReplaced({ field, value, label: fields.label(field) }, restore),
  });
  let isMine = root.dataset.isAnother === "0";
  // What had the keyboard last, among the fields.
  let last = null;
  let lateTimer = null;
  // The form that waits for the last key to be kept.
  let whenKept = null;
  // The button that shows and hides had the keyboard, and is to have it again.
  let hasButton = false;

  document.getElementById("save-all").hidden = true;
  document.getElementById("print-form").hidden = false;
  words.saySaving("saved");
  for (const field of fields.typedEarly()) {
    queue.put(field, { value: fields.value(field), at: 0 });
  }

  function tellSaving(isLost) {
    const left = queue.unsaved();
    words.saySaving(left.size === 0 ? "saved" : isLost ? "lost" : "waits");
    if (left.size === 0 && whenKept !== null) {
      const next = whenKept;
      whenKept = null;
      next.requestSubmit();
    }
    if (!isLost) {
      for (const field of left.keys()) {
        fields.mark(field, "waits");
      }
    }
    changes.catchUp();
  }

  // --- What is typed goes out.

  async function sendField(field, typed) {
    const { status, told } = await server.send("champ", {
      champ: field,
      lieu: typed.at,
      valeur: typed.value,
      revision: changes.revision(),
      debut: changes.sending(field, typed.value) ? 1 : 0,
    });
    if (status === 200) {
      takeAnswer(field, typed, told);
      return "kept";
    }
    if (status === 409 && told) {
      taken(told);
      return "stop";
    }
    if (status === 422 && told) {
      fields.say(field, [told.refused], true);
      fields.mark(field, "refused");
      return "refused";
    }
    if (status === 404) {
      gone();
      return "stop";
    }
    words.sayTrouble(status === 401 || status === 400 ? "signedOut" : "lost");
    return "again";
  }

  function takeAnswer(field, typed, told) {
    changes.kept(field, typed.value, told);
    words.sayTrouble("");
    fields.mark(field, "kept");
    if (!queue.unsaved().has(field) || fields.value(field) === typed.value) {
      fields.say(field, told.remarks);
    }
    if (told.crop === null) {
      askLatePicture(field, typed.at);
    } else {
      picture.tellLate(false);
      picture.lay(told.crop, told.revision);
    }
  }

  function askLatePicture(field, at) {
    picture.tellLate(true);
    clearTimeout(lateTimer);
    lateTimer = setTimeout(async () => {
      const { status, told } = await server.read("lieu", { champ: field, lieu: at });
      if (status === 200 && told.crop) {
        picture.lay(told.crop, told.revision);
        picture.redraw(picture.page(), told.revision);
        fields.say(field, told.remarks);
      } else if (status !== 404) {
        askLatePicture(field, at);
      }
    }, PICTURE_AGAIN_MS);
  }

  // --- Somebody else fills it in, or nobody can any more.

  function freeze() {
    isMine = false;
    whenKept = null;
    all.disabled = true;
    const left = Array.from(queue.stop(), ([field, typed]) => (
      { field, value: typed.value, label: fields.label(field) }));
    words.showNotKept(left, restore);
    words.saySaving("saved");
    return left;
  }

  function taken(told) {
    freeze();
    words.sayTrouble("taken", told.holder);
    changes.take(told);
    changes.follow();
  }

  function gone() {
    freeze();
    words.sayTrouble("gone");
  }

  function restore(field, value) {
    if (!isMine) {
      return false;
    }
    fields.setValue(field, value);
    queue.put(field, { value, at: 0 });
    fields.focus(field, 0);
    return true;
  }

  function mine() {
    isMine = true;
    all.disabled = false;
    words.sayTrouble("");
    queue.resume();
    words.putBackWanted();
  }

  async function look() {
    if (!root.isConnected) {
      return "ended";
    }
    const { status, told } = await server.read("etat", { revision: changes.revision() });
    if (status === 200) {
      takeState(told);
      return "seen";
    }
    if (status === 404) {
      gone();
    }
    return status === 0 || status >= 500 ? "failed" : "ended";
  }

  function takeState(told) {
    if (isMine && !told.isMine) {
      taken(told);
      return;
    }
    changes.take(told);
    if (!isMine && told.isMine) {
      mine();
    }
  }

  // --- The keyboard's place, the picture and the second screen go together.

  function turned(page) {
    frameOnScreen({ page });
  }

  form.addEventListener("focusin", (event) => {
    const field = fields.fieldOf(event.target);
    const place = field === null ? undefined : fields.placeOf(event.target, field);
    if (place !== undefined) {
      last = event.target;
      picture.frame(place);
      pages.at(place.page);
      frameOnScreen({ champ: field, lieu: place.at });
    }
  });
  form.addEventListener("input", (event) => {
    const field = fields.fieldOf(event.target);
    if (field !== null) {
      const at = fields.placeOf(event.target, field).at;
      fields.count(field);
      queue.put(field, { value: fields.value(field), at });
    }
  });
  root.addEventListener("guichet:changed", () => {
    if (hasButton) {
      hasButton = false;
      document.querySelector("#showing button")?.focus();
    }
    const held = document.getElementById("held");
    const isAnother = held !== null && held.dataset.isAnother === "1";
    changes.hear(Number(held?.dataset.revision || 0));
    if (isAnother === isMine) {
      look();
    }
    changes.catchUp();
  });

  // --- Buttons that would otherwise ask for the whole page anew.

  document.addEventListener("submit", async (event) => {
    const { id } = event.target;
    if (id === "have") {
      event.preventDefault();
      const { status, told } = await server.send("reprendre-la-main", { revision: changes.revision() });
      if (status === 200) {
        takeState(told);
        document.getElementById("have")?.closest(".notice")?.remove();
      } else {
        words.sayTrouble(status === 404 ? "gone" : "lost");
      }
    } else if (id === "showing") {
      event.preventDefault();
      // What has the keyboard is not drawn anew: it would keep its old words.
      hasButton = event.target.contains(document.activeElement);
      if (hasButton) {
        document.activeElement.blur();
      }
      const [path] = event.target.getAttribute("action").split("/").slice(-1);
      const { status } = await server.send(path, { page: picture.page() });
      if (status === 401 || status === 400) {
        words.sayTrouble("signedOut");
      }
    } else if ((id === "print-form" || id === "aside-form") && queue.unsaved().size > 0) {
      // What is printed, or waits for the next time, is what is kept: it goes out first.
      event.preventDefault();
      whenKept = event.target;
    } else if (event.target === form) {
      // Enter in a field: everything is kept already, or on its way.
      event.preventDefault();
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.altKey && (event.key === "PageDown" || event.key === "PageUp")) {
      event.preventDefault();
      picture.show(picture.page() + (event.key === "PageDown" ? 1 : -1));
    } else if (event.key === "F3") {
      event.preventDefault();
      const empty = pages.nextEmpty(fields.fieldOf(last), event.shiftKey);
      if (isMine && empty !== undefined) {
        fields.focus(empty, 0);
      }
    } else if (event.key === "F2") {
      event.preventDefault();
      if (event.shiftKey) {
        document.getElementById("to-resident")?.setAttribute("open", "");
        document.getElementById("words")?.focus();
      } else {
        document.getElementById("showing")?.requestSubmit();
      }
    } else if (event.key === "Escape" && event.target.id === "words") {
      last?.focus();
    }
  });
  // Who comes to write goes on where nothing stands yet; who reloads stays where they were.
  const [came] = performance.getEntriesByType("navigation");
  if (isMine && came?.type === "navigate" && document.activeElement === document.body) {
    const [empty] = fields.empty();
    if (empty !== undefined) {
      fields.focus(empty, 0);
    }
  }
  window.addEventListener("online", queue.tryNow);
  document.addEventListener("visibilitychange", queue.tryNow);
  // A colleague need not ask for what nobody has open any more.
  window.addEventListener("pagehide", () => {
    tabs.leave();
    if (isMine && !tabs.areOpen()) {
      server.leave("laisser");
    }
  });
  window.addEventListener("beforeunload", (event) => {
    if (queue.unsaved().size > 0 || words.hasNotKept()) {
      event.preventDefault();
    }
  });
})();
