// SPDX-License-Identifier: AGPL-3.0-or-later
// The fields that a flat form seems to have: taken one by one, or all at once.
"use strict";

// biome-ignore lint/correctness/noUnusedVariables: the editor's script calls it.
function placingProposals(form, rows, sheets, geometry, take) {
  const OVERLAP = 0.3;
  const box = document.getElementById("proposals");
  const list = box.querySelector(".proposals");
  const news = document.getElementById("placing-news");
  const button = document.getElementById("proposer");
  const kinds = new Map(Array.from(document.getElementById("ajouter-kind").options, (each) => [each.value, each.textContent]));
  const proposed = [];

  function open() {
    const placed = rows.all().filter((row) => !rows.isRemoved(row));
    return proposed.filter(
      (field) =>
        !placed.some((row) => {
          const place = rows.placeOf(row);
          return rows.pageOf(row) === field.page && place !== null && geometry.overlap(place, field.rectangle) > OVERLAP;
        }),
    );
  }

  function line(field) {
    const item = document.createElement("li");
    const words = document.createElement("span");
    words.textContent = `${field.label} – ${kinds.get(field.kind)}, ${form.dataset.onPage.replace("%n", field.page)}`;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-outline-primary btn-sm";
    button.textContent = form.dataset.take;
    const what = document.createElement("span");
    what.className = "visually-hidden";
    what.textContent = ` ${field.label}`;
    button.append(what);
    button.addEventListener("click", () => {
      const at = Array.from(list.children).indexOf(item);
      take([field]);
      // From one to the next by Enter alone.
      (list.children[at] ?? list.lastElementChild)?.querySelector("button").focus();
    });
    item.append(words, button);
    return item;
  }

  function show() {
    const left = open();
    box.hidden = left.length === 0;
    box.querySelector("[data-count]").textContent = `(${left.length})`;
    list.replaceChildren(...left.map(line));
    sheets.drawProposed(left);
    return left;
  }

  async function load() {
    news.textContent = form.dataset.looking;
    button.disabled = true;
    try {
      const answer = await fetch(form.dataset.layout, { headers: { Accept: "application/json" } });
      if (!answer.ok) {
        throw new Error(String(answer.status));
      }
      const pages = await answer.json();
      pages.forEach((page) => {
        const sheet = sheets.get(page.number);
        if (sheet) {
          sheet.guides = page.guides;
        }
        proposed.push(...page.proposed);
      });
      news.textContent = "";
    } catch {
      news.textContent = form.dataset.away;
    }
    button.disabled = false;
    show();
  }

  button.addEventListener("click", (event) => {
    event.preventDefault();
    const left = open();
    if (left.length === 0) {
      news.textContent = form.dataset.none;
    } else {
      take(left);
    }
  });

  return { load, show };
}
