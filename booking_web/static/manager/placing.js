// SPDX-License-Identifier: AGPL-3.0-or-later
// The editor of a flat form: rows, pages and proposals put together, and the keyboard.
"use strict";

(() => {
  const form = document.getElementById("placing");
  if (form === null) {
    return;
  }
  const STEP = 72 / 25.4 / 2;
  const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const SIZES = { box: [11, 11], radio: [11, 11], multiline: [240, 60], signature: [200, 60] };
  const WORDS = /^(label|answer)-/;
  const list = document.getElementById("placed-rows");
  const news = document.getElementById("placing-news");
  const kind = document.getElementById("ajouter-kind");
  const page = document.getElementById("ajouter-page");
  const aligned = document.getElementById("aligner");
  const total = form.querySelector("[data-total]");
  const geometry = placingGeometry();
  const rows = placingRows(form, geometry);
  const sheets = placingSheets(rows, geometry, {
    chosen: (row) => select(row),
    moved: (row) => changed(row, form.dataset.moved),
    drawn: (number, place) => addDrawn(number, place),
    isAligned: () => aligned.checked,
  });
  const proposals = placingProposals(form, rows, sheets, geometry, (fields) => {
    const taken = rows.addAll(fields);
    select(taken[0]);
    changed(taken.at(-1), form.dataset.taken);
    if (fields.length > 1) {
      news.textContent = form.dataset.takenAll.replace("%n", fields.length);
      // Their labels are read again from the first one on.
      taken[0].querySelector("summary").focus();
    }
  });

  // The page's script aligns where somebody sees it: the server need not.
  aligned.removeAttribute("name");
  form.querySelector(".placing-mouse").hidden = false;
  document.getElementById("placing-keys").hidden = false;

  function say(row, words) {
    const place = rows.placeOf(row);
    const told = { "%n": row.dataset.rang };
    ["x", "y", "width", "height"].forEach((name) => {
      told[`%${name[0]}`] = place === null ? "?" : geometry.toMillimetres(place[name]);
    });
    news.textContent = words.replace(/%[nxywh]/g, (each) => told[each]);
  }

  function changed(row, words) {
    rows.describe(row);
    total.textContent = `(${rows.count()})`;
    document.getElementById("no-rows")?.remove();
    sheets.draw();
    proposals.show();
    if (words) {
      say(row, words);
    }
    form.dispatchEvent(new Event("changed"));
  }

  function select(row) {
    list.querySelectorAll(".is-chosen").forEach((each) => {
      each.classList.remove("is-chosen");
    });
    row.classList.add("is-chosen");
    row.scrollIntoView({ block: "nearest" });
    if (rows.pageOf(row) > 0) {
      page.value = rows.pageOf(row);
    }
    sheets.choose(row, document.activeElement !== document.body);
  }

  function open(row) {
    list.querySelectorAll("details[open]").forEach((each) => {
      each.open = false;
    });
    row.querySelector("details").open = true;
    const wanted = rows.input(row, rows.input(row, "label").value === "" ? "label" : "answer");
    wanted.focus();
    wanted.select();
  }

  // A box that follows one of a choice is another answer of the same.
  function like(wanted) {
    const row = sheets.chosen();
    if (wanted !== "radio" || row === null || rows.isRemoved(row) || rows.input(row, "kind").value !== "radio") {
      return {};
    }
    return { shared: rows.input(row, "key").value, label: rows.input(row, "label").value };
  }

  function addDrawn(number, place) {
    const guides = aligned.checked ? sheets.get(number).guides : null;
    const found = geometry.guess(place, guides);
    const wanted = kind.value || found.kind;
    const isComb = wanted === "comb";
    const rectangle = geometry.within(isComb || wanted === found.kind ? found.place : geometry.snapEdges(place, guides), sheets.get(number));
    const cells = isComb ? found.cells || Math.max(1, Math.round(rectangle.width / 14)) : 0;
    const row = rows.add({ kind: wanted, page: number, rectangle, cells, ...like(wanted) });
    changed(row, form.dataset.added);
    select(row);
    open(row);
  }

  document.getElementById("ajouter").addEventListener("click", (event) => {
    event.preventDefault();
    const wanted = kind.value || "text";
    const [width, height] = SIZES[wanted] ?? [170, 17];
    const number = Number(page.value);
    const last = rows.all().filter((row) => rows.pageOf(row) === number && !rows.isRemoved(row)).pop();
    const before = last === undefined ? null : rows.placeOf(last);
    // Below the last one: fields are mostly placed downwards.
    const place = before === null ? { x: 57, y: 57 } : { x: before.x, y: before.y + before.height + 6 };
    const rectangle = geometry.within({ ...place, width, height }, sheets.get(number));
    const row = rows.add({ kind: wanted, page: number, rectangle, cells: wanted === "comb" ? 5 : 0, ...like(wanted) });
    changed(row, form.dataset.added);
    select(row);
    open(row);
  });

  // What goes of the PDF's own fields shows on the pages.
  form.addEventListener("change", (event) => {
    if (event.target.name !== "sans") {
      return;
    }
    form.querySelectorAll("[data-own]").forEach((each) => {
      if (each.dataset.own === event.target.value) {
        each.classList.toggle("is-gone", event.target.checked);
      }
    });
    form.dispatchEvent(new Event("changed"));
  });

  function rowOf(element) {
    return element.closest(".placed-row");
  }

  list.addEventListener("focusin", (event) => {
    const row = rowOf(event.target);
    if (row !== null && row !== sheets.chosen()) {
      select(row);
    }
  });

  list.addEventListener("input", (event) => {
    const row = rowOf(event.target);
    if (row !== null && WORDS.test(event.target.name)) {
      // Nothing moves on the pages: each key is quick, whatever is on them.
      rows.describe(row);
      form.dispatchEvent(new Event("changed"));
    } else if (row !== null) {
      changed(row, "");
      sheets.choose(row, true);
    }
  });

  list.addEventListener("keydown", (event) => {
    const row = rowOf(event.target);
    if (event.target.tagName !== "SUMMARY" || row === null || event.altKey || event.ctrlKey || event.metaKey) {
      return;
    }
    const step = STEPS[event.key];
    const place = rows.placeOf(row);
    const sheet = sheets.get(rows.pageOf(row));
    if (step && place !== null && sheet) {
      event.preventDefault();
      const [across, down] = step.map((each) => each * STEP);
      const next = event.shiftKey
        ? { ...place, width: place.width + across, height: place.height + down }
        : { ...place, x: place.x + across, y: place.y + down };
      rows.put(row, geometry.within(next, sheet));
      changed(row, form.dataset.moved);
      sheets.choose(row, true);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      rows.input(row, "removed").checked = true;
      changed(row, form.dataset.removed);
      (row.nextElementSibling ?? row.previousElementSibling)?.querySelector("summary").focus();
    }
  });

  form.addEventListener("submit", () => {
    news.textContent = form.dataset.saving;
  });
  // One comes back to a page as it was left.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) {
      news.textContent = "";
    }
  });

  rows.all().forEach((row) => {
    rows.describe(row);
  });
  total.textContent = `(${rows.count()})`;
  sheets.draw();
  proposals.load();
})();
