// SPDX-License-Identifier: AGPL-3.0-or-later
// Moves a form's fields up and down at once; without this script the server does.
"use strict";

(() => {
  const form = document.getElementById("fields-form");
  if (form === null) {
    return;
  }
  const list = form.querySelector(".field-rows");

  function tidy() {
    const rows = list.children;
    Array.from(rows).forEach((row, at) => {
      row.querySelectorAll("[data-move]").forEach((button) => {
        const isUp = button.dataset.move === "haut";
        button.value = `${button.dataset.move}-${at + 1}`;
        button.disabled = isUp ? at === 0 : at === rows.length - 1;
      });
    });
  }

  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (button === null) {
      return;
    }
    event.preventDefault();
    const row = button.closest(".field-row");
    const isUp = button.dataset.move === "haut";
    const other = isUp ? row.previousElementSibling : row.nextElementSibling;
    if (other === null) {
      return;
    }
    if (isUp) {
      other.before(row);
    } else {
      other.after(row);
    }
    tidy();
    const wanted = button.disabled ? row.querySelector("[data-move]:not([disabled])") : button;
    wanted.focus();
    form.dispatchEvent(new Event("changed"));
  });
})();
