// SPDX-License-Identifier: AGPL-3.0-or-later
// Rectangles of the editor of a flat form, in points on the page as it is seen: aligned to the
// page's lines as the server aligns them (domain/forms/guides.py), and what lies below one.
"use strict";

// biome-ignore lint/correctness/noUnusedVariables: the editor's script calls it.
function placingGeometry() {
  const SNAP = 4;
  const SMALLEST = 4;
  const BOX = 24;
  const SEVERAL_LINES = 30;
  const POINTS_A_MILLIMETRE = 72 / 25.4;

  function toMillimetres(points) {
    const rounded = Math.round((points / POINTS_A_MILLIMETRE) * 100) / 100;
    return String(rounded).replace(".", ",");
  }

  function toPoints(typed) {
    const number = Number(typed.trim().replace(",", "."));
    return typed.trim() === "" || !Number.isFinite(number) ? null : number * POINTS_A_MILLIMETRE;
  }

  // The part of the first that lies in the second, 0 to 1.
  function share(inner, outer) {
    const across = Math.min(inner.x + inner.width, outer.x + outer.width) - Math.max(inner.x, outer.x);
    const down = Math.min(inner.y + inner.height, outer.y + outer.height) - Math.max(inner.y, outer.y);
    const area = inner.width * inner.height;
    return area > 0 ? (Math.max(across, 0) * Math.max(down, 0)) / area : 0;
  }

  function overlap(one, other) {
    return Math.max(share(one, other), share(other, one));
  }

  function linesNear(place, guides) {
    const meets = (line, from, to) => Math.min(line.end, to) - Math.max(line.start, from) > -SNAP;
    const rows = guides.lying.filter((each) => meets(each, place.x, place.x + place.width)).map((each) => each.at);
    const columns = guides.standing.filter((each) => meets(each, place.y, place.y + place.height)).map((each) => each.at);
    guides.frames.forEach((frame) => {
      rows.push(frame.y, frame.y + frame.height);
      columns.push(frame.x, frame.x + frame.width);
    });
    return { rows, columns };
  }

  function nearest(value, lines) {
    const near = lines.filter((each) => Math.abs(each - value) <= SNAP);
    return near.reduce((best, each) => (best === null || Math.abs(each - value) < Math.abs(best - value) ? each : best), null);
  }

  // Each edge goes to the line that it is near to.
  function snapEdges(place, guides) {
    if (!guides) {
      return place;
    }
    const { rows, columns } = linesNear(place, guides);
    const x = nearest(place.x, columns) ?? place.x;
    const y = nearest(place.y, rows) ?? place.y;
    const right = nearest(place.x + place.width, columns) ?? place.x + place.width;
    const bottom = nearest(place.y + place.height, rows) ?? place.y + place.height;
    return right - x < 1 || bottom - y < 1 ? place : { x, y, width: right - x, height: bottom - y };
  }

  function shift(start, end, lines) {
    const atStart = nearest(start, lines);
    const atEnd = nearest(end, lines);
    const shifts = [];
    if (atStart !== null) {
      shifts.push(atStart - start);
    }
    if (atEnd !== null) {
      shifts.push(atEnd - end);
    }
    return shifts.sort((one, other) => Math.abs(one) - Math.abs(other))[0] ?? 0;
  }

  // What is moved keeps its size.
  function snapWhole(place, guides) {
    if (!guides) {
      return place;
    }
    const { rows, columns } = linesNear(place, guides);
    const x = place.x + shift(place.x, place.x + place.width, columns);
    const y = place.y + shift(place.y, place.y + place.height, rows);
    return { x, y, width: place.width, height: place.height };
  }

  function within(place, page) {
    const width = Math.min(Math.max(place.width, SMALLEST), page.width);
    const height = Math.min(Math.max(place.height, SMALLEST), page.height);
    const x = Math.min(Math.max(place.x, 0), page.width - width);
    const y = Math.min(Math.max(place.y, 0), page.height - height);
    return { x, y, width, height };
  }

  // What a rectangle that was drawn there seems to be for.
  function guess(place, guides) {
    const comb = guides?.combs.find((each) => overlap(place, each.rectangle) > 0.5);
    if (comb) {
      return { kind: "comb", place: { ...comb.rectangle }, cells: comb.cells };
    }
    const snapped = snapEdges(place, guides);
    if (place.width <= BOX && place.height <= BOX) {
      return { kind: "box", place: snapped, cells: 0 };
    }
    return { kind: place.height >= SEVERAL_LINES ? "multiline" : "text", place: snapped, cells: 0 };
  }

  return { toMillimetres, toPoints, overlap, snapEdges, snapWhole, within, guess };
}
