// SPDX-License-Identifier: AGPL-3.0-or-later
// Says to the server what people see on this screen during a call: the sheet that is painted and
// that nothing covers, by its `data-shown`. A screen that is closed, hidden, covered or cut off
// says nothing, and is believed no longer within seconds (domain/kiosks/screen_content.py).
"use strict";

(() => {
  const EVERY_MS = 1500;
  const ANSWER_MS = 2500;
  // Where a sheet is looked for, in parts of what of it is on the screen: one that is seen may
  // be under a pointer or a line of words, not everywhere under something.
  const PLACES = [0.5, 0.2, 0.8];
  const address = document.body.dataset.inSight;
  const scene = document.getElementById("screen");
  const covers = Array.from(document.querySelectorAll("#line-cut, #end-call"));
  let said = null;
  let isBusy = false;
  let isAsked = false;

  function isPainted(sheet) {
    return Array.from(sheet.querySelectorAll("img, canvas")).every((each) => (
      each.tagName === "IMG" ? each.complete && each.naturalWidth > 0 : each.width > 0
    ));
  }

  function isOnTop(sheet) {
    // A picture that is looked at closely stands out of its frame.
    const box = sheet.querySelector("img, .mirror-view").getBoundingClientRect();
    const [left, right] = [Math.max(box.left, 0), Math.min(box.right, window.innerWidth)];
    const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, window.innerHeight)];
    return PLACES.some((across) => PLACES.some((down) => {
      const found = document.elementFromPoint(left + across * (right - left), top + down * (bottom - top));
      return found !== null && sheet.contains(found);
    }));
  }

  function sheetInSight() {
    const sheets = Array.from(document.querySelectorAll("[data-shown]"));
    return sheets.find((each) => isPainted(each) && isOnTop(each))?.dataset.shown ?? "";
  }

  // Gives what is to be said, or nothing: nobody is in call, or nobody sees the page.
  function inSight() {
    const drawn = scene.querySelector("[data-call]");
    if (drawn === null || document.hidden || covers.some((each) => !each.hidden)) {
      return null;
    }
    return new URLSearchParams({ feuille: sheetInSight(), langue: drawn.lang }).toString();
  }

  async function say() {
    isAsked = true;
    if (isBusy) {
      return;
    }
    isBusy = true;
    while (isAsked) {
      isAsked = false;
      const words = inSight();
      said = words;
      if (words !== null) {
        try {
          await fetch(address, {
            method: "POST",
            body: new URLSearchParams(words),
            redirect: "error",
            signal: AbortSignal.timeout(ANSWER_MS),
          });
        } catch {
          // It is said again in a moment.
        }
      }
    }
    isBusy = false;
  }

  // At once where it has changed.
  function look() {
    if (inSight() !== said) {
      say();
    }
  }

  document.addEventListener("guichet:shown", look);
  document.addEventListener("visibilitychange", look);
  scene.addEventListener("load", look, { capture: true });
  new MutationObserver(look).observe(scene, { childList: true });
  for (const each of covers) {
    new MutationObserver(look).observe(each, { attributeFilter: ["hidden"] });
  }
  window.setInterval(say, EVERY_MS);
  say();
})();
