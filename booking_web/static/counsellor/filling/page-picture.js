// SPDX-License-Identifier: AGPL-3.0-or-later
// The picture of the form's pages: one at a time, what was typed laid over it, the current place
// framed. Measures are hundredths of a page.
"use strict";

// `fields` gives each field's places; `choose(field, place)` is called when one is clicked, and
// `turn(page)` when another page is shown.
// biome-ignore lint/correctness/noUnusedVariables: called by filling.js
function pagePicture(sheet, fields, choose, turn) {
  const AGAIN_MS = 1500;
  const pages = Array.from(sheet.querySelectorAll(".sheet-page"));
  const late = document.getElementById("late");
  const number = document.getElementById("page-number");
  const before = document.getElementById("page-before");
  const after = document.getElementById("page-after");
  const frame = document.createElement("div");
  let current = 1;
  frame.className = "frame";
  frame.hidden = true;

  function place(element, part) {
    element.style.left = `${part.x}%`;
    element.style.top = `${part.y}%`;
    element.style.width = `${part.width}%`;
    element.style.height = `${part.height}%`;
  }

  function show(page) {
    if (page < 1 || page > pages.length) {
      return;
    }
    const isOther = page !== current;
    current = page;
    for (const [at, each] of pages.entries()) {
      each.hidden = at + 1 !== page;
    }
    number.textContent = number.dataset.words.replace("{page}", page);
    before.disabled = page === 1;
    after.disabled = page === pages.length;
    if (isOther) {
      frame.hidden = true;
      sheet.scrollTop = 0;
      turn(page);
    }
  }

  function tellLate(isLate) {
    const words = isLate ? late.dataset.late : "";
    if (late.textContent !== words) {
      late.textContent = words;
    }
  }

  // A page whose picture did not come is asked for again until it comes; one that is on its way is
  // let come first: on a thin line, none would otherwise.
  function redraw(page, revision) {
    const picture = pages[page - 1].querySelector("img");
    if (!picture.complete) {
      pages[page - 1].dataset.wanted = revision;
      return;
    }
    const url = new URL(picture.src);
    url.searchParams.set("r", revision);
    url.searchParams.set("t", Math.round(performance.now()));
    picture.src = url;
    pages[page - 1].dataset.asked = revision;
  }

  for (const page of pages) {
    const picture = page.querySelector("img");
    const at = Number(page.dataset.page);
    function askAgain() {
      tellLate(true);
      setTimeout(() => redraw(at, page.dataset.asked || 0), AGAIN_MS);
    }
    picture.addEventListener("error", askAgain);
    picture.addEventListener("load", () => {
      tellLate(false);
      // The picture has what was laid over it before it was asked for.
      for (const crop of page.querySelectorAll(".crop")) {
        if (Number(crop.dataset.revision) <= Number(page.dataset.asked || 0)) {
          crop.remove();
        }
      }
      if (Number(page.dataset.wanted || 0) > Number(page.dataset.asked || 0)) {
        redraw(at, page.dataset.wanted);
      }
    });
    if (picture.complete && picture.naturalWidth === 0 && at === 1) {
      askAgain();
    }
  }

  function placeUnder(event) {
    const box = pages[current - 1].getBoundingClientRect();
    const x = (100 * (event.clientX - box.left)) / box.width;
    const y = (100 * (event.clientY - box.top)) / box.height;
    const near = 0.6;
    const hit = fields.places().filter((each) => each.page === current &&
      x >= each.x - near && x <= each.x + each.width + near &&
      y >= each.y - near && y <= each.y + each.height + near);
    // Of two that overlap, the smaller one is meant.
    hit.sort((one, other) => one.width * one.height - other.width * other.height);
    return hit[0];
  }

  sheet.addEventListener("click", (event) => {
    const found = placeUnder(event);
    if (found !== undefined) {
      choose(found.field, found.at);
    }
  });
  before.addEventListener("click", () => show(current - 1));
  after.addEventListener("click", () => show(current + 1));
  document.getElementById("paper-pages").hidden = pages.length < 2;
  show(1);
  sheet.classList.add("is-led");

  return {
    page: () => current,
    show,
    redraw,
    tellLate,
    // Frames a place and brings it into the middle.
    frame(part) {
      show(part.page);
      const page = pages[part.page - 1];
      page.append(frame);
      place(frame, part);
      frame.hidden = false;
      const middle = ((part.y + part.height / 2) / 100) * page.offsetHeight;
      const across = ((part.x + part.width / 2) / 100) * page.offsetWidth;
      sheet.scrollTo(across - sheet.clientWidth / 2, middle - sheet.clientHeight / 2);
    },
    // Lays over the page how a place looks now.
    lay(crop, revision) {
      const page = pages[crop.page - 1];
      const key = `${crop.x.toFixed(2)} ${crop.y.toFixed(2)}`;
      let picture = page.querySelector(`.crop[data-key="${key}"]`);
      if (picture === null) {
        picture = document.createElement("img");
        picture.className = "crop";
        picture.alt = "";
        picture.dataset.key = key;
        page.insertBefore(picture, page.querySelector(".frame"));
        place(picture, crop);
      }
      picture.dataset.revision = revision;
      picture.src = `data:image/png;base64,${crop.png}`;
    },
  };
}
