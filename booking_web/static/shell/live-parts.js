// SPDX-License-Identifier: AGPL-3.0-or-later
// Puts what came from the server into its places on the page, without taking away the keyboard's
// place or what was typed; says to those who listen to the page what is new.
"use strict";

// Tells whether what stands in a field is its reader's: they changed it, or it came back to them in
// a form that was refused.
function isReadersOwn(field) {
  if (field.closest("[data-typed]") !== null) {
    return true;
  }
  if (field.localName === "select") {
    const options = Array.from(field.options);
    const usual = options.find((each) => each.defaultSelected) ?? options[0];
    return usual !== undefined && !usual.selected;
  }
  const isTicked = field.type === "checkbox" || field.type === "radio";
  return isTicked ? field.checked !== field.defaultChecked : field.type !== "hidden" && field.value !== field.defaultValue;
}

// Resolves once no button of a mouse, no pen and no finger is down: a browser tells no click where
// what was pressed is put anew, or moved, before it is let go, and the press would be lost. One that
// is let go outside of the window is not told of: none is waited for longer than a second.
window.endOfPress = (() => {
  const LONGEST_MS = 1000;
  const LOOK_MS = 50;
  let pressedAt = -Infinity;
  document.addEventListener("pointerdown", () => {
    pressedAt = performance.now();
  }, true);
  for (const name of ["pointerup", "pointercancel"]) {
    document.addEventListener(name, () => {
      pressedAt = -Infinity;
    }, true);
  }
  return async () => {
    while (performance.now() - pressedAt < LONGEST_MS) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  };
})();

// Gives an element this content, keeping of the old one what is the same.
function putInto(place, html, morphStyle = "innerHTML") {
  const FIELDS = "input, select, textarea";
  const kept = new Set();
  Idiomorph.morph(place, html, {
    ignoreActiveValue: true,
    morphStyle,
    callbacks: {
      beforeNodeMorphed: (node) => {
        if (node.matches?.(FIELDS) && isReadersOwn(node)) {
          kept.add(node);
        }
      },
      beforeAttributeUpdated: (name, node) => {
        // So is whether something is unfolded.
        const isUnfolded = name === "open" && node.localName === "details";
        const isTyped = ["value", "checked", "selected"].includes(name) && kept.has(node.closest(FIELDS));
        return !isUnfolded && !isTyped && name !== "data-typed";
      },
    },
  });
}

// Gives the keyboard a place where what had it is gone: its row, else the head of its part.
function keepKeyboard(had, row, part) {
  const isLost = document.activeElement === null || document.activeElement === document.body;
  if (!isLost || had === null || had === document.body) {
    return;
  }
  const again = had.isConnected ? had : row?.id ? document.getElementById(row.id) : part?.querySelector("[tabindex='-1']");
  if (again) {
    again.focus();
  } else if (part) {
    part.tabIndex = -1;
    part.focus();
  }
}

// Gives the function that puts an answer (shell/live_parts.py) into the page.
// biome-ignore lint/correctness/noUnusedVariables: called by live.js
function livePlaces(root) {
  function sentences() {
    const parts = Array.from(root.querySelectorAll("[data-said]"));
    return new Map(parts.map((part) => [part.id, part.dataset.said]));
  }

  function put(html) {
    const came = document.createElement("template");
    came.innerHTML = html;
    const before = sentences();
    const focused = document.activeElement;
    const row = focused?.closest("[data-appointment]");
    const part = focused?.closest("[data-seen]");
    for (const each of came.content.querySelectorAll("[data-part]")) {
      putPart(each);
    }
    for (const rows of came.content.querySelectorAll("[data-rows]")) {
      putRows(rows);
    }
    keepKeyboard(focused, row, part);
    say(came.content.querySelector("[data-say]"), before);
    root.dispatchEvent(new CustomEvent("guichet:changed", { bubbles: true }));
  }

  function putPart(part) {
    const place = document.getElementById(part.dataset.part);
    if (place !== null) {
      putInto(place, part.innerHTML);
      place.dataset.seen = part.dataset.seen;
    }
  }

  function putRows(rows) {
    for (const number of rows.dataset.gone.split(" ").filter(Boolean)) {
      const gone = root.querySelector(`[data-appointment="${number}"]`);
      if (gone !== null) {
        gone.remove();
      }
    }
    for (const list of rows.querySelectorAll("[data-live-rows]")) {
      const place = document.getElementById(list.id);
      for (const row of place === null ? [] : Array.from(list.children)) {
        putRow(place, row);
      }
    }
    for (const list of root.querySelectorAll("[data-live-rows]")) {
      list.hidden = list.children.length === 0;
    }
    for (const words of root.querySelectorAll("[data-empty-of]")) {
      const lists = words.dataset.emptyOf.split(" ").map((id) => document.getElementById(id));
      words.hidden = lists.some((list) => list !== null && !list.hidden);
    }
  }

  function putRow(place, row) {
    let shown = document.getElementById(row.id);
    if (shown !== null) {
      const isHere = shown.parentElement === place && shown.dataset.order === row.dataset.order;
      putInto(shown, row.outerHTML, "outerHTML");
      shown = document.getElementById(row.id);
      if (isHere) {
        return;
      }
    } else {
      shown = document.importNode(row, true);
    }
    const others = Array.from(place.children).filter((each) => each !== shown);
    const next = others.find((each) => each.dataset.order > shown.dataset.order);
    place.insertBefore(shown, next || null);
  }

  // Says what the server says, and what is not as it was: to those who listen to the page.
  function say(words, before) {
    const place = document.getElementById("announcements");
    if (place === null) {
      return;
    }
    const said = words === null ? [] : Array.from(words.children, (each) => each.textContent);
    for (const [id, sentence] of sentences()) {
      const isNew = !before.has(id) && document.getElementById(id).closest("[data-says-new]");
      if (isNew || (before.has(id) && before.get(id) !== sentence)) {
        said.push(sentence);
      }
    }
    if (said.length > 0) {
      place.replaceChildren(...said.map((sentence) => {
        const line = document.createElement("p");
        line.textContent = sentence;
        return line;
      }));
    }
  }

  return put;
}
