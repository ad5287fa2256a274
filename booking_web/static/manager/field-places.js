// SPDX-License-Identifier: AGPL-3.0-or-later
// Ties a form's fields to their places on its pages: the pages follow the field that has the
// keyboard, a click on a place leads to its label. Says in each line what its folded part sets.
"use strict";

(() => {
  const list = document.querySelector(".field-rows");
  const sheets = document.querySelector(".sheets");
  if (list === null || sheets === null) {
    return;
  }
  const ROOM = 24;

  function placesOf(row) {
    return sheets.querySelectorAll(`a[href="#${row.id}"]`);
  }

  // Moves the pages alone, and no more than the place needs.
  function bringIntoSight(place) {
    const there = place.getBoundingClientRect();
    const seen = sheets.getBoundingClientRect();
    sheets.scrollTop += Math.max(there.bottom + ROOM - seen.bottom, 0) + Math.min(there.top - ROOM - seen.top, 0);
  }

  list.addEventListener("focusin", (event) => {
    const row = event.target.closest(".field-row");
    for (const each of sheets.querySelectorAll(".is-here")) {
      each.classList.remove("is-here");
    }
    const places = Array.from(placesOf(row));
    for (const each of places) {
      each.classList.add("is-here");
    }
    if (places.length > 0) {
      bringIntoSight(places[0].querySelector(".place"));
    }
  });

  sheets.addEventListener("click", (event) => {
    const row = document.querySelector(event.target.closest("svg a")?.getAttribute("href") || ".none");
    if (row !== null) {
      event.preventDefault();
      row.querySelector("[name=label]").focus();
    }
  });

  function tell(row, name, what) {
    const place = row.querySelector(`[data-told="${name}"]`);
    place.textContent = what === "" ? "" : place.dataset.words.replace("{what}", () => what);
  }

  list.addEventListener("input", (event) => {
    const { name, value, selectedOptions } = event.target;
    if (name === "group" || name === "known") {
      const what = selectedOptions ? selectedOptions[0].textContent : value.trim();
      tell(event.target.closest(".field-row"), name, value === "" ? "" : what);
    }
  });
})();
