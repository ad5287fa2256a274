// SPDX-License-Identifier: AGPL-3.0-or-later
// The rows of the editor of a flat form: what is sent stands in them and nowhere else.
"use strict";

// biome-ignore lint/correctness/noUnusedVariables: the editor's script calls it.
function placingRows(form, geometry) {
  const list = document.getElementById("placed-rows");
  const blank = document.getElementById("new-row");
  const words = form.dataset;
  const NAMES = ["x", "y", "width", "height"];

  function all() {
    return Array.from(list.children);
  }

  function numberOf(row) {
    return Number(row.dataset.rang);
  }

  function input(row, name) {
    return row.querySelector(`#${name}-${row.dataset.rang}`);
  }

  function isRemoved(row) {
    return input(row, "removed").checked;
  }

  // Null while what is typed is no place.
  function placeOf(row) {
    const [x, y, width, height] = NAMES.map((name) => geometry.toPoints(input(row, name).value));
    return [x, y, width, height].includes(null) ? null : { x, y, width, height };
  }

  function pageOf(row) {
    return Number(input(row, "page").value);
  }

  function put(row, place) {
    NAMES.forEach((name) => {
      input(row, name).value = geometry.toMillimetres(place[name]);
    });
  }

  function freeName(wanted, taken) {
    let name = wanted;
    for (let number = 2; taken.has(name); number += 1) {
      name = `${wanted}-${number}`;
    }
    return name;
  }

  // Places that come together under one name stay one field.
  function addAll(fields) {
    const before = all();
    const taken = new Set(before.map((row) => input(row, "key").value));
    const names = new Map();
    let id = Math.max(0, ...before.map(numberOf));
    return fields.map((field) => {
      id += 1;
      const wanted = field.key || `p${field.page}-${id}`;
      const name = field.shared || names.get(field.key) || freeName(wanted, taken);
      taken.add(name);
      if (field.key) {
        names.set(field.key, name);
      }
      return addOne(field, id, name);
    });
  }

  function addOne(field, id, name) {
    const row = blank.content.querySelector(".placed-row").cloneNode(true);
    row.dataset.rang = id;
    row.querySelectorAll("[id], [name], [for], [aria-describedby]").forEach((each) => {
      ["id", "name", "for"].forEach((name) => {
        const value = each.getAttribute(name);
        if (value?.endsWith("-0")) {
          each.setAttribute(name, value.replace(/-0$/, `-${id}`));
        }
      });
    });
    row.querySelector("[name=rang]").value = id;
    row.querySelector("[data-number]").textContent = id;
    list.append(row);
    input(row, "key").value = name;
    input(row, "label").value = field.label || "";
    input(row, "kind").value = field.kind;
    input(row, "page").value = field.page;
    input(row, "cells").value = field.cells || "";
    input(row, "answer").value = field.kind === "radio" ? field.value || "" : "";
    put(row, field.rectangle);
    describe(row);
    return row;
  }

  // What the summary says, and which of the fields are asked for its kind.
  function describe(row) {
    const kind = input(row, "kind");
    const told = kind.selectedOptions[0]?.textContent ?? "";
    row.querySelector("[data-name]").textContent = input(row, "label").value || words.nameless;
    row.querySelector("[data-facts]").textContent = `${told}, ${words.onPage.replace("%n", input(row, "page").value)}`;
    row.querySelectorAll("[data-only]").forEach((part) => {
      part.hidden = part.dataset.only !== kind.value;
    });
    row.classList.toggle("is-removed", isRemoved(row));
  }

  function count() {
    return all().filter((row) => !isRemoved(row)).length;
  }

  const add = (field) => addAll([field])[0];

  return { all, add, addAll, count, describe, input, isRemoved, numberOf, pageOf, placeOf, put };
}
