// SPDX-License-Identifier: AGPL-3.0-or-later
// The page that the second screen follows: drawn once, what changes laid over it, moved and
// enlarged so that what is framed is legible from two metres. Where the page cannot be enlarged
// so far, what is framed stands above it once more, in large letters.
"use strict";

// As far from the view's edge, in parts of it, the pointer is kept.
const POINTER_FREE = 0.08;
// Letters that grew or shrank by less do not move the page.
const STEADY = 1.12;

// biome-ignore lint/correctness/noUnusedVariables: called by mirror.js
function mirrorSheet(root) {
  const room = root.querySelector(".mirror-view");
  const large = mirrorLarge(root.querySelector(".mirror-large"));
  const paper = root.querySelector(".mirror-sheet");
  const canvas = root.querySelector("canvas");
  const frameLine = root.querySelector(".mirror-frame");
  let shown = null;
  let framed = "";
  let zoom = 0;
  let pointer = null;
  // How far the pointer took the page along.
  const moved = [0, 0];

  async function pictureOf(told) {
    const answer = await fetch(told.picture, { cache: "no-store", redirect: "error" });
    if (!answer.ok) {
      throw new Error(`${answer.status}`);
    }
    const revision = Number(answer.headers.get("Guichet-Revision"));
    return { revision, bitmap: await createImageBitmap(await answer.blob()) };
  }

  async function redraw(told) {
    const { revision, bitmap } = await pictureOf(told);
    canvas.width = bitmap.width;
    canvas.height = bitmap.height;
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
    bitmap.close();
    return revision;
  }

  async function layOver(told) {
    const pictures = await Promise.all(told.crops.map(async (crop) => {
      const bytes = Uint8Array.from(atob(crop.png), (letter) => letter.charCodeAt(0));
      return createImageBitmap(new Blob([bytes], { type: "image/png" }));
    }));
    const context = canvas.getContext("2d");
    const scale = canvas.width / told.size[0];
    pictures.forEach((bitmap, index) => {
      const [x, y] = told.crops[index].rectangle;
      context.drawImage(bitmap, Math.round(x * scale), Math.round(y * scale));
      bitmap.close();
    });
  }

  // Has an element begin its animation, also where it runs already.
  function flash(name) {
    frameLine.classList.remove(name);
    void frameLine.offsetWidth;
    frameLine.classList.add(name);
  }

  // Gives where the page's beginning lies on an axis: a pointer that left the view takes it along.
  function follow(length, axis, wanted) {
    if (pointer === null) {
      moved[axis] = 0;
      return wanted;
    }
    const at = wanted + moved[axis] + pointer[axis] * shown.size[axis] * zoom;
    const free = length * POINTER_FREE;
    moved[axis] += Math.max(free - at, 0) - Math.max(at - (length - free), 0);
    return wanted + moved[axis];
  }

  function frame(told) {
    const whole = { width: root.clientWidth, height: root.clientHeight };
    large.tell(told.words, mirrorIsTooSmall(whole, told.size, told.frame, told.letters));
    const view = { width: room.clientWidth, height: room.clientHeight };
    const name = `${told.key} ${told.page} ${told.frame}`;
    const wanted = mirrorZoom(view, told.size, told.frame, told.letters);
    if (name !== framed || zoom <= 0 || wanted / zoom > STEADY || zoom / wanted > STEADY) {
      zoom = wanted;
    }
    // A view that has become smaller: what is framed must not be cut off.
    zoom = Math.min(zoom, mirrorZoom(view, told.size, told.frame, 0.01));
    framed = name;
    const [left, top, width, height] = told.frame ?? [0, 0, ...told.size];
    const x = follow(view.width, 0, mirrorShift(view.width, told.size[0] * zoom, (left + width / 2) * zoom));
    const y = follow(view.height, 1, view.height / 2 - (top + height / 2) * zoom);
    paper.style.setProperty("transform", `translate(${x}px, ${y}px) scale(${zoom})`);
    canvas.style.setProperty("width", `${told.size[0]}px`);
    canvas.style.setProperty("height", `${told.size[1]}px`);
    frameLine.hidden = told.frame === null;
    // Close around it: the label is often printed just above.
    const line = 8 / zoom;
    frameLine.style.setProperty("border-width", `${line}px`);
    frameLine.style.setProperty("left", `${left - line}px`);
    frameLine.style.setProperty("top", `${top - line}px`);
    frameLine.style.setProperty("width", `${width + 2 * line}px`);
    frameLine.style.setProperty("height", `${height + 2 * line}px`);
    return { x, y, zoom };
  }

  return {
    // What is shown, for the next question; nothing before the first answer.
    seen: () => shown,
    // Shows what came; throws where a picture did not. What stands there is what is to be seen
    // only once that has come (in-sight.js).
    async show(told) {
      const isNew = shown === null || shown.key !== told.key || shown.page !== told.page;
      if (isNew) {
        delete root.dataset.shown;
      }
      let revision = told.revision;
      if (told.redraw || isNew) {
        revision = await redraw(told);
      } else {
        await layOver(told);
      }
      const isChanged = !isNew && (told.redraw || told.crops.length > 0);
      shown = { ...told, crops: [], redraw: false, revision };
      const words = document.getElementById("mirror-page").textContent.replace("{page}", told.page).replace("{pages}", told.pages);
      canvas.setAttribute("aria-label", words);
      root.hidden = false;
      root.classList.toggle("mirror-still", isNew);
      frame(shown);
      if (isChanged) {
        flash("mirror-frame-changed");
      }
      root.dataset.shown = told.key;
      document.dispatchEvent(new CustomEvent("guichet:shown"));
    },
    // Gives where a point of the page lies on the screen, in pixels.
    pointAt(fractions) {
      pointer = fractions;
      const { x, y, zoom: now } = frame(shown);
      const box = room.getBoundingClientRect();
      return [box.left + x + fractions[0] * shown.size[0] * now, box.top + y + fractions[1] * shown.size[1] * now];
    },
    pointNowhere() {
      if (pointer !== null) {
        pointer = null;
        if (shown !== null) {
          frame(shown);
        }
      }
    },
    // What it shows may be an older state: the server was asked in vain.
    doubt() {
      delete root.dataset.shown;
    },
    // The room for it has changed.
    fit() {
      if (shown !== null) {
        frame(shown);
      }
    },
    // Nothing of it stays in the browser's memory.
    clear() {
      shown = null;
      framed = "";
      zoom = 0;
      pointer = null;
      canvas.width = canvas.height = 0;
      canvas.removeAttribute("aria-label");
      large.tell(null, false);
      root.hidden = true;
      delete root.dataset.shown;
    },
  };
}
