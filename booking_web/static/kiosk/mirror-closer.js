// SPDX-License-Identifier: AGPL-3.0-or-later
// A document's page that the counsellor has the resident look at closely: larger than the screen,
// the part in sight that they chose. The scene may be drawn anew meanwhile; it is found again.
"use strict";

// As far from the screen's edge, in parts of it, the pointer is kept.
const CLOSER_POINTER_FREE = 0.08;

// biome-ignore lint/correctness/noUnusedVariables: called by mirror.js
function mirrorCloser(changed) {
  const room = document.querySelector("main");
  const scene = document.getElementById("screen");
  let wanted = null;
  let pointer = null;

  function pictureShown() {
    const picture = scene.querySelector(".paper img");
    return picture !== null && picture.naturalWidth > 0 ? picture : null;
  }

  // Gives where a length begins in its room: the middle that is wished for in the middle, what is
  // pointed at in sight.
  function beginning(length, size, middle, pointed) {
    const wished = mirrorShift(length, size, middle * size);
    if (pointed === null) {
      return wished;
    }
    const free = length * CLOSER_POINTER_FREE;
    const at = wished + pointed * size;
    return wished + Math.max(free - at, 0) - Math.max(at - (length - free), 0);
  }

  function lieOf(picture) {
    const [zoom, x, y] = wanted;
    const [across, down] = [room.clientWidth, room.clientHeight];
    const whole = Math.min(across / picture.naturalWidth, down / picture.naturalHeight);
    const width = picture.naturalWidth * whole * zoom;
    const height = picture.naturalHeight * whole * zoom;
    const [px, py] = pointer ?? [null, null];
    return {
      left: beginning(across, width, x, px),
      top: beginning(down, height, y, py),
      width,
      height,
    };
  }

  // The picture that is sharp at that size, once it is here.
  async function sharpen(picture) {
    const { large } = picture.dataset;
    if (!large || picture.dataset.sharp === large) {
      return;
    }
    picture.dataset.sharp = large;
    const sharp = new Image();
    sharp.src = large;
    try {
      await sharp.decode();
    } catch {
      // The one that is there stays: it is legible, if not sharp.
      delete picture.dataset.sharp;
      return;
    }
    if (picture.dataset.large === large && wanted !== null) {
      picture.src = large;
    }
  }

  function apply() {
    const picture = pictureShown();
    const isCloser = wanted !== null && picture !== null;
    document.body.classList.toggle("is-closer", isCloser);
    if (picture === null) {
      return;
    }
    const lie = isCloser ? lieOf(picture) : {};
    for (const side of ["left", "top", "width", "height"]) {
      if (isCloser) {
        picture.style.setProperty(side, `${lie[side]}px`);
      } else {
        picture.style.removeProperty(side);
      }
    }
    if (isCloser) {
      sharpen(picture);
    }
  }

  function again() {
    apply();
    changed();
  }

  new MutationObserver(again).observe(scene, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ["src", "data-large"],
  });
  // Pictures tell of their coming to those who listen early alone.
  scene.addEventListener("load", again, { capture: true });

  return {
    // How closely, and which point in the middle; null: the whole page.
    look(closer) {
      wanted = closer;
      apply();
    },
    fit: apply,
    // Gives where a point of the page lies on the screen; null where it shows none. It may be on
    // its way there still.
    pointAt(fractions) {
      pointer = fractions;
      apply();
      const picture = pictureShown();
      if (picture === null || fractions === null) {
        return null;
      }
      if (wanted === null) {
        return inBox(picture, picture.getBoundingClientRect(), fractions);
      }
      const box = room.getBoundingClientRect();
      const lie = lieOf(picture);
      const [across, down] = fractions;
      return [box.left + lie.left + across * lie.width, box.top + lie.top + down * lie.height];
    },
  };

  // A picture may be smaller than its box.
  function inBox(picture, box, [across, down]) {
    const zoom = Math.min(box.width / picture.naturalWidth, box.height / picture.naturalHeight);
    const [width, height] = [picture.naturalWidth * zoom, picture.naturalHeight * zoom];
    return [
      box.left + (box.width - width) / 2 + across * width,
      box.top + (box.height - height) / 2 + down * height,
    ];
  }
}
