// SPDX-License-Identifier: AGPL-3.0-or-later
// Shows the resident where the counsellor points on a page: by the mouse, or by the arrow keys
// on the page that has the keyboard; with Shift where they have another meaning there. The
// picture is in an element with `data-pointing`, the address that is told; `data-draft` and
// `data-page` where it is a form's, `data-pointing-if` what must be on the page too.
"use strict";

(() => {
  // Ten a second at most.
  const PAUSE_MS = 100;
  const STEP = 0.02;
  const LARGE_STEP = 0.1;
  const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const senders = new Map();
  let place = null;
  let lastFigure = null;

  function sender(figure) {
    const address = figure.dataset.pointing;
    if (!senders.has(address)) {
      senders.set(address, quietSender(address, () => figure.dataset.token, () => {}, PAUSE_MS));
    }
    return senders.get(address);
  }

  function ringOf(figure) {
    let ring = figure.querySelector(".pointing-ring");
    if (ring === null) {
      ring = document.createElement("span");
      ring.className = "pointing-ring";
      figure.append(ring);
    }
    return ring;
  }

  function point(figure, x, y) {
    place = [Math.min(Math.max(x, 0), 1), Math.min(Math.max(y, 0), 1)];
    const ring = ringOf(figure);
    lastFigure = figure;
    ring.hidden = false;
    ring.style.setProperty("left", `${100 * place[0]}%`);
    ring.style.setProperty("top", `${100 * place[1]}%`);
    const { draft, page } = figure.dataset;
    const where = draft ? { draft, page } : {};
    sender(figure)({ x: place[0].toFixed(4), y: place[1].toFixed(4), ...where });
  }

  function leave(figure) {
    if (place !== null) {
      place = null;
      ringOf(figure).hidden = true;
      sender(figure)({});
    }
  }

  function isSeen(figure) {
    const { pointingIf } = figure.dataset;
    return !pointingIf || document.querySelector(pointingIf) !== null;
  }

  function figureOf(event) {
    const figure = event.target.closest?.("[data-pointing]") ?? null;
    return figure !== null && isSeen(figure) ? figure : null;
  }

  // The picture that the keyboard points at, and whether Shift makes larger steps.
  function withKeyboard(event) {
    if (event.target.matches?.("[data-pointing]")) {
      return [event.target, event.shiftKey];
    }
    const inside = event.target.querySelector?.("[data-pointing]:not([hidden])") ?? null;
    return event.target.matches?.("[tabindex]") && event.shiftKey ? [inside, false] : [null, false];
  }

  document.addEventListener("pointermove", (event) => {
    const figure = figureOf(event);
    if (figure !== null) {
      const box = figure.getBoundingClientRect();
      point(figure, (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
    }
  });
  document.addEventListener("pointerout", (event) => {
    const figure = figureOf(event);
    if (figure !== null && !figure.contains(event.relatedTarget)) {
      leave(figure);
    }
  });
  document.addEventListener("focusout", (event) => {
    if (lastFigure !== null && event.target.contains(lastFigure)) {
      leave(lastFigure);
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && lastFigure !== null) {
      leave(lastFigure);
    }
    const isStep = event.key in STEPS && !event.ctrlKey;
    const [figure, isLarge] = isStep ? withKeyboard(event) : [null, false];
    if (figure !== null && isSeen(figure)) {
      event.preventDefault();
      const step = isLarge ? LARGE_STEP : STEP;
      const [x, y] = place ?? [0.5, 0.5];
      const [across, down] = STEPS[event.key];
      point(figure, x + across * step, y + down * step);
    }
  });
})();
