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
  const whys = JSON.parse(form.dataset.whys);
  const proposed = [];

  function open() {
    const places = new Map();
    rows.all().forEach((row) => {
      const place = rows.isRemoved(row) ? null : rows.placeOf(row);
      if (place !== null) {
        const page = rows.pageOf(row);
        places.set(page, [...(places.get(page) ?? []), place]);
      }
    });
    const isFree = (field) => !(places.get(field.page) ?? []).some((place) => geometry.overlap(place, field.rectangle) > OVERLAP);
    return proposed.filter((each) => each.fields.every(isFree));
  }

  // The places of one name are one field: both boxes of a yes or no.
  function together(proposals) {
    const groups = new Map();
    proposals.forEach(({ field, why, is_sure: isSure }) => {
      const group = groups.get(field.key) ?? { fields: [], why, isSure };
      group.fields.push(field);
      groups.set(field.key, group);
    });
    return [...groups.values()];
  }

  function line(group) {
    const field = group.fields[0];
    const item = document.createElement("li");
    item.classList.toggle("is-unsure", !group.isSure);
    const words = document.createElement("span");
    const doubt = group.isSure ? "" : ` (${form.dataset.unsure})`;
    words.textContent = `${field.label} – ${kinds.get(field.kind)}, ${form.dataset.onPage.replace("%n", field.page)}, ${whys[group.why]}${doubt}`;
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
      take(group.fields);
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
    sheets.drawProposed(left.flatMap((group) => group.fields.map((field) => ({ ...field, isSure: group.isSure }))));
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
        proposed.push(...together(page.proposed));
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
    const sure = open().filter((each) => each.isSure);
    let room = Number(form.dataset.room) - rows.count();
    const taken = sure.filter((each) => {
      room -= each.fields.length;
      return room >= 0;
    });
    if (taken.length > 0) {
      take(taken.flatMap((each) => each.fields));
    }
    if (sure.length === 0) {
      news.textContent = form.dataset.none;
    } else if (taken.length < sure.length) {
      news.textContent = form.dataset.full;
    }
  });

  return { load, show };
}
