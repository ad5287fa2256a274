// SPDX-License-Identifier: AGPL-3.0-or-later
// Keys on a page of the table: each presses the button that is there for the mouse. They work
// only while the keyboard's place is on a page, so that they disturb nobody who listens.
"use strict";

(() => {
  const table = document.getElementById("table");
  const KEYS = {
    g: "gauche",
    d: "droite",
    r: "demi-tour",
    n: "refaire",
    m: "montrer",
    delete: "retirer",
  };
  const MOVES = { arrowleft: "avant", arrowright: "apres" };

  function pressed(event) {
    const key = event.key.toLowerCase();
    if (event.altKey || event.metaKey) {
      return null;
    }
    if (event.ctrlKey) {
      return MOVES[key] || null;
    }
    return KEYS[key] || null;
  }

  function walk(page, key) {
    const next = key === "ArrowLeft" ? page.previousElementSibling : page.nextElementSibling;
    const link = next?.querySelector("a");
    link?.focus();
    return Boolean(link);
  }

  if (table === null) {
    return;
  }
  document.querySelector("[data-keys]").hidden = false;
  table.addEventListener("keydown", (event) => {
    const page = event.target.closest("[data-laid]");
    if (page === null) {
      return;
    }
    const act = pressed(event);
    const button = act && page.querySelector(`[data-geste="${act}"]`);
    if (button) {
      event.preventDefault();
      button.click();
    } else if (!event.ctrlKey && /^Arrow(Left|Right)$/.test(event.key) && walk(page, event.key)) {
      event.preventDefault();
    }
  });
  // The page that was worked on has the keyboard again once the answer is there.
  const again = document.getElementById(window.location.hash.slice(1));
  again?.querySelector("[data-laid] a")?.focus({ preventScroll: true });
})();
