// SPDX-License-Identifier: AGPL-3.0-or-later
// Shows on the page what of it is left, and lets it be drawn with the mouse; the fields beside
// it are what is sent.
"use strict";

(() => {
  const sheet = document.querySelector("[data-crop]");
  const SIDES = ["gauche", "haut", "droite", "bas"];

  if (sheet === null) {
    return;
  }
  const picture = sheet.querySelector("img");
  const frame = sheet.querySelector(".crop-frame");
  const fields = SIDES.map((side) => document.getElementById(side));
  let from = null;

  function show() {
    const off = fields.map((field) => Number.parseFloat(field.value) || 0);
    const [left, top, right, bottom] = off;
    frame.style.left = `${left}%`;
    frame.style.top = `${top}%`;
    frame.style.width = `${Math.max(0, 100 - left - right)}%`;
    frame.style.height = `${Math.max(0, 100 - top - bottom)}%`;
    frame.hidden = off.every((each) => each === 0);
  }

  // Where the mouse is on the page, in hundredths of it.
  function place(event) {
    const box = picture.getBoundingClientRect();
    const hundredths = (at, start, size) => Math.min(100, Math.max(0, (100 * (at - start)) / size));
    return {
      x: hundredths(event.clientX, box.left, box.width),
      y: hundredths(event.clientY, box.top, box.height),
    };
  }

  function put(values) {
    fields.forEach((field, index) => {
      field.value = String(Math.round(2 * values[index]) / 2);
    });
    show();
  }

  sheet.classList.add("is-live");
  document.querySelector("[data-mouse]").hidden = false;
  sheet.addEventListener("pointerdown", (event) => {
    if (event.button === 0) {
      event.preventDefault();
      sheet.setPointerCapture(event.pointerId);
      from = place(event);
    }
  });
  sheet.addEventListener("pointermove", (event) => {
    if (from === null) {
      return;
    }
    const to = place(event);
    put([
      Math.min(from.x, to.x),
      Math.min(from.y, to.y),
      100 - Math.max(from.x, to.x),
      100 - Math.max(from.y, to.y),
    ]);
  });
  sheet.addEventListener("pointerup", () => {
    from = null;
  });
  fields.forEach((field) => {
    field.addEventListener("input", show);
  });
  show();
})();
