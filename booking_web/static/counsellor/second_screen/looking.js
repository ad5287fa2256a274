// SPDX-License-Identifier: AGPL-3.0-or-later
// Has the resident look closely at a part of the page: by clicks and keys on its picture, an
// element with `data-closer`, or by the buttons beside it. What they see of it is framed there.
"use strict";

(() => {
  // Ten a second at most.
  const PAUSE_MS = 100;
  // So much of what is seen the page is moved at a time, as by the server's own steps.
  const MOVED = 0.6;
  // How many times larger a click makes a whole page.
  const CLICKED = 2;
  // How wide a screen is, by its height.
  const SCREEN = 16 / 9;
  const MOVES = { up: [0, -1], down: [0, 1], left: [-1, 0], right: [1, 0] };
  const KEYS = { "+": "closer", "=": "closer", "-": "farther", 0: "whole" };
  const ARROWS = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right" };
  const senders = new Map();

  function figureNow() {
    return document.querySelector("[data-closer]");
  }

  function sender(figure) {
    const address = figure.dataset.closer;
    if (!senders.has(address)) {
      const tell = (isDone, words) => {
        const form = document.querySelector("[data-looking]");
        if (form !== null) {
          quietTeller(form)(isDone, words);
        }
      };
      senders.set(address, quietSender(address, () => figure.dataset.token, tell, PAUSE_MS));
    }
    return senders.get(address);
  }

  function seenOf({ dataset }) {
    return { zoom: Number(dataset.zoom), x: Number(dataset.x), y: Number(dataset.y) };
  }

  function regular({ zoom, x, y }) {
    const edge = 0.5 / zoom;
    return { zoom, x: Math.min(Math.max(x, edge), 1 - edge), y: Math.min(Math.max(y, edge), 1 - edge) };
  }

  function stepped(figure, how) {
    const { zoom, x, y } = seenOf(figure);
    if (how === "whole") {
      return { zoom: 1, x: 0.5, y: 0.5 };
    }
    if (how in MOVES) {
      const [across, down] = MOVES[how];
      return { zoom, x: x + (across * MOVED) / zoom, y: y + (down * MOVED) / zoom };
    }
    const steps = figure.dataset.steps.split(" ").map(Number);
    const next = how === "closer" ? steps.find((each) => each > zoom) : steps.findLast((each) => each < zoom);
    return { zoom: next ?? zoom, x, y: zoom <= 1 ? 0 : y };
  }

  function show(figure, wanted) {
    const { zoom, x, y } = regular(wanted);
    Object.assign(figure.dataset, { zoom, x, y });
    draw();
    sender(figure)({ zoom, x: x.toFixed(4), y: y.toFixed(4) });
  }

  function partOf(figure) {
    let part = figure.querySelector(".looked-at");
    if (part === null) {
      part = document.createElement("span");
      part.className = "looked-at";
      figure.append(part);
    }
    return part;
  }

  // Where a part of the page begins, in fractions: nothing beside the page is seen.
  function beginning(middle, length) {
    return Math.min(Math.max(middle - length / 2, 0), 1 - length);
  }

  function tell(zoom) {
    const told = document.getElementById("loupe-told");
    const figures = zoom.toLocaleString(document.documentElement.lang);
    const words = zoom > 1 ? told.dataset.larger.replace("{zoom}", figures) : told.dataset.whole;
    if (told.textContent !== words) {
      told.textContent = words;
    }
    for (const button of document.querySelectorAll("[data-if-closer]")) {
      button.disabled = zoom <= 1;
    }
  }

  // Frames what the resident sees of the page.
  function draw() {
    const figure = figureNow();
    if (figure === null) {
      return;
    }
    const picture = figure.querySelector("img");
    const { zoom, x, y } = seenOf(figure);
    const wide = picture.naturalWidth / (picture.naturalHeight * SCREEN) || 1;
    const [width, height] = [1 / wide, wide].map((each) => Math.min(Math.max(each, 1) / zoom, 1));
    const sides = { left: beginning(x, width), top: beginning(y, height), width, height };
    const part = partOf(figure);
    part.hidden = zoom <= 1;
    for (const [side, share] of Object.entries(sides)) {
      part.style.setProperty(side, `${100 * share}%`);
    }
    tell(zoom);
  }

  document.addEventListener("click", (event) => {
    const figure = event.target.closest?.("[data-closer]") ?? null;
    if (figure !== null) {
      const box = figure.querySelector("img").getBoundingClientRect();
      const zoom = Math.max(seenOf(figure).zoom, CLICKED);
      const x = (event.clientX - box.left) / box.width;
      show(figure, { zoom, x, y: (event.clientY - box.top) / box.height });
    }
  });
  document.addEventListener("submit", (event) => {
    const figure = figureNow();
    if (figure !== null && event.target.matches("[data-looking]")) {
      event.preventDefault();
      show(figure, stepped(figure, event.submitter?.value ?? "closer"));
    }
  });
  document.addEventListener("keydown", (event) => {
    const figure = event.target.closest?.("[data-closer]") ?? null;
    const isPlain = !event.altKey && !event.metaKey;
    const how = event.ctrlKey ? ARROWS[event.key] : KEYS[event.key];
    if (figure !== null && isPlain && how !== undefined) {
      event.preventDefault();
      event.stopImmediatePropagation();
      show(figure, stepped(figure, how));
    }
  });
  document.addEventListener("guichet:changed", draw);
  document.addEventListener("load", draw, { capture: true });
  draw();
})();
