// SPDX-License-Identifier: AGPL-3.0-or-later
// The pictures of the pages in the editor of a flat form: what is placed is drawn on them,
// and drawn, moved and resized with the mouse.
"use strict";

// biome-ignore lint/correctness/noUnusedVariables: the editor's script calls it.
function placingSheets(rows, geometry, told) {
  const SVG = "http://www.w3.org/2000/svg";
  const HANDLES = { se: [1, 1], e: [1, 0.5], s: [0.5, 1] };
  const HANDLE = 5;
  const sheets = new Map();
  let chosen = null;
  let drag = null;

  document.querySelectorAll("svg[data-page]").forEach((svg) => {
    const size = svg.viewBox.baseVal;
    sheets.set(Number(svg.dataset.page), { svg, width: size.width, height: size.height, guides: null });
    svg.addEventListener("pointerdown", begin);
    svg.addEventListener("pointermove", go);
    svg.addEventListener("pointerup", end);
    svg.addEventListener("pointercancel", () => {
      drag = null;
      draw();
    });
  });

  function shape(kind, names, place) {
    const drawn = document.createElementNS(SVG, kind);
    Object.entries({ ...place, ...names }).forEach(([name, value]) => {
      drawn.setAttribute(name, value);
    });
    return drawn;
  }

  function drawOne(layer, row, place) {
    const id = row.dataset.rang;
    const classes = row === chosen ? "placed is-chosen" : "placed";
    layer.append(shape("rect", { class: classes, "data-rang": id }, place));
    const number = shape("text", { x: place.x + 1, y: place.y + 7 });
    number.textContent = id;
    layer.append(number);
    if (row === chosen) {
      Object.entries(HANDLES).forEach(([name, [across, down]]) => {
        const x = place.x + across * place.width - HANDLE / 2;
        const y = place.y + down * place.height - HANDLE / 2;
        const names = { class: `handle is-${name}`, "data-rang": id, "data-handle": name };
        layer.append(shape("rect", names, { x, y, width: HANDLE, height: HANDLE }));
      });
    }
  }

  function draw() {
    sheets.forEach(({ svg }) => {
      svg.querySelector("[data-placed]").replaceChildren();
    });
    // The one that is chosen lies on top.
    const shown = rows.all().filter((row) => !rows.isRemoved(row) && row !== chosen);
    if (chosen !== null && !rows.isRemoved(chosen)) {
      shown.push(chosen);
    }
    shown.forEach((row) => {
      const sheet = sheets.get(rows.pageOf(row));
      const place = rows.placeOf(row);
      if (sheet && place && place.width > 0 && place.height > 0) {
        drawOne(sheet.svg.querySelector("[data-placed]"), row, place);
      }
    });
  }

  function drawProposed(fields) {
    sheets.forEach(({ svg }, page) => {
      const here = fields.filter((each) => each.page === page);
      const drawn = here.map((each) => shape("rect", { class: each.isSure ? "proposed" : "proposed is-unsure" }, each.rectangle));
      svg.querySelector("[data-proposed]").replaceChildren(...drawn);
    });
  }

  function choose(row, isBroughtIntoSight) {
    chosen = row;
    draw();
    const sheet = row === null ? undefined : sheets.get(rows.pageOf(row));
    if (isBroughtIntoSight && sheet) {
      sheet.svg.querySelector(".placed.is-chosen")?.scrollIntoView({ block: "nearest" });
    }
  }

  function point(svg, event) {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    return { x: at.x, y: at.y };
  }

  function rowAt(target) {
    return rows.all().find((row) => row.dataset.rang === target.dataset.rang) ?? null;
  }

  function begin(event) {
    const row = rowAt(event.target);
    if (event.button !== 0 || (row === null && event.pointerType === "touch")) {
      return;
    }
    const page = Number(event.currentTarget.dataset.page);
    const from = point(event.currentTarget, event);
    drag = { page, from, row, handle: event.target.dataset.handle ?? "", before: row && rows.placeOf(row) };
    event.currentTarget.setPointerCapture(event.pointerId);
    event.preventDefault();
    if (row !== null) {
      told.chosen(row);
    }
  }

  function dragged(to) {
    const { from, before, handle, page } = drag;
    const across = to.x - from.x;
    const down = to.y - from.y;
    const sheet = sheets.get(page);
    if (before === null) {
      return { x: Math.min(from.x, to.x), y: Math.min(from.y, to.y), width: Math.abs(across), height: Math.abs(down) };
    }
    if (handle === "") {
      const moved = { ...before, x: before.x + across, y: before.y + down };
      return geometry.within(told.isAligned() ? geometry.snapWhole(moved, sheet.guides) : moved, sheet);
    }
    const width = before.width + (handle.includes("e") ? across : 0);
    const height = before.height + (handle.includes("s") ? down : 0);
    const sized = { ...before, width: Math.max(width, 1), height: Math.max(height, 1) };
    return geometry.within(told.isAligned() ? geometry.snapEdges(sized, sheet.guides) : sized, sheet);
  }

  function go(event) {
    if (drag === null) {
      return;
    }
    const place = dragged(point(event.currentTarget, event));
    if (drag.row !== null) {
      rows.put(drag.row, place);
      draw();
      return;
    }
    draw();
    const layer = event.currentTarget.querySelector("[data-placed]");
    layer.append(shape("rect", { class: "placed is-chosen" }, place));
  }

  function end(event) {
    if (drag === null) {
      return;
    }
    const { row, page, from } = drag;
    const to = point(event.currentTarget, event);
    const place = dragged(to);
    const isStill = Math.hypot(to.x - from.x, to.y - from.y) < 2;
    drag = null;
    if (row !== null) {
      if (!isStill) {
        told.moved(row);
      }
    } else if (!isStill) {
      told.drawn(page, place);
    }
    draw();
  }

  return { choose, draw, drawProposed, get: (page) => sheets.get(page), chosen: () => chosen };
}
