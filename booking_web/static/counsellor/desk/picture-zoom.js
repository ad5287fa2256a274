// SPDX-License-Identifier: AGPL-3.0-or-later
// The kiosk's picture enlarged in its own box: how often, which point of it is in the middle, and
// which part of the camera's picture is then seen. The stream is not touched.
"use strict";

// Gives the middle that is nearest to a wished one and leaves no empty room beside the picture,
// in fractions of its box.
function zoomMiddle(times, wished) {
  const half = 0.5 / times;
  return Math.min(1 - half, Math.max(half, wished));
}

// Gives [x, y, width, height] of what is seen, in pixels of the camera's picture: it is shown
// whole in the middle of a box that may be wider or higher. `box` and `picture` are [width, height].
function zoomedPart([width, height], [pictureWidth, pictureHeight], { times, x, y }) {
  const scale = Math.min(width / pictureWidth, height / pictureHeight);
  const along = (room, length, middle) => {
    const free = (room - length * scale) / 2;
    const at = (fraction) => Math.min(length, Math.max(0, (fraction * room - free) / scale));
    const from = Math.round(at(middle - 0.5 / times));
    return [from, Math.max(1, Math.round(at(middle + 0.5 / times)) - from)];
  };
  const [left, seenWidth] = along(width, pictureWidth, x);
  const [top, seenHeight] = along(height, pictureHeight, y);
  return [left, top, seenWidth, seenHeight];
}

// `box` holds the video and takes keys, wheel and pointer; `tell` is called with the times after
// each change of them. Gives {act(name), reset(), part()}.
// biome-ignore lint/correctness/noUnusedVariables: called by desk.js
function openPictureZoom(box, video, tell) {
  const STEPS = [1, 1.5, 2, 3, 4];
  // Of what is seen, by one press of an arrow.
  const MOVED = 0.2;
  // A hand that trembles is not drawing.
  const DRAWN_PX = 4;
  let view = { times: 1, x: 0.5, y: 0.5 };
  let drawn = null;

  function show(next) {
    const hasChanged = next.times !== view.times;
    view = { times: next.times, x: zoomMiddle(next.times, next.x), y: zoomMiddle(next.times, next.y) };
    const [left, top] = [view.x, view.y].map((each) => 100 * (0.5 - each * view.times));
    video.style.transform = view.times === 1 ? "" : `translate(${left}%, ${top}%) scale(${view.times})`;
    box.classList.toggle("is-zoomed", view.times > 1);
    if (hasChanged) {
      tell(view.times);
    }
  }

  // The point below [x, y], fractions of the box, stays where it is.
  function zoom(step, [x, y] = [0.5, 0.5]) {
    const times = STEPS[Math.min(STEPS.length - 1, Math.max(0, STEPS.indexOf(view.times) + step))];
    const keep = (middle, at) => middle + (at - 0.5) * (1 / view.times - 1 / times);
    show({ times, x: keep(view.x, x), y: keep(view.y, y) });
  }

  function move(across, down) {
    show({ ...view, x: view.x + across / view.times, y: view.y + down / view.times });
  }

  const ACTS = {
    larger: () => zoom(1),
    smaller: () => zoom(-1),
    whole: () => show({ times: 1, x: 0.5, y: 0.5 }),
    left: () => move(-MOVED, 0),
    right: () => move(MOVED, 0),
    up: () => move(0, -MOVED),
    down: () => move(0, MOVED),
  };
  const KEYS = {
    "+": "larger", "=": "larger", "-": "smaller", 0: "whole",
    ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down",
  };

  box.addEventListener("keydown", (event) => {
    const act = KEYS[event.key];
    if (!act || event.target !== box || event.altKey || event.ctrlKey || event.metaKey) {
      return;
    }
    event.preventDefault();
    ACTS[act]();
  });

  const placeOf = (event) => {
    const edge = box.getBoundingClientRect();
    return [(event.clientX - edge.left) / edge.width, (event.clientY - edge.top) / edge.height];
  };
  box.addEventListener("wheel", (event) => {
    // A whole picture leaves the wheel to the page.
    if (event.ctrlKey || event.deltaY === 0 || (event.deltaY > 0 && view.times === 1)) {
      return;
    }
    event.preventDefault();
    zoom(event.deltaY < 0 ? 1 : -1, placeOf(event));
  }, { passive: false });
  box.addEventListener("pointerdown", (event) => {
    if (view.times > 1 && event.button === 0 && !event.target.closest("button")) {
      drawn = { at: placeOf(event), from: { ...view }, isMoved: false };
      box.setPointerCapture(event.pointerId);
    }
  });
  box.addEventListener("pointermove", (event) => {
    if (drawn === null) {
      return;
    }
    const [x, y] = placeOf(event);
    const [across, down] = [x - drawn.at[0], y - drawn.at[1]];
    drawn.isMoved ||= Math.hypot(across * box.clientWidth, down * box.clientHeight) > DRAWN_PX;
    if (drawn.isMoved) {
      show({ times: view.times, x: drawn.from.x - across / view.times, y: drawn.from.y - down / view.times });
    }
  });
  box.addEventListener("pointerup", () => {
    if (drawn !== null && !drawn.isMoved) {
      // A press without drawing brings that place to the middle.
      move(drawn.at[0] - 0.5, drawn.at[1] - 0.5);
    }
    drawn = null;
  });
  box.addEventListener("pointercancel", () => {
    drawn = null;
  });

  return {
    act: (name) => ACTS[name](),
    reset: ACTS.whole,
    part: () => zoomedPart([box.clientWidth, box.clientHeight], [video.videoWidth, video.videoHeight], view),
  };
}
