// SPDX-License-Identifier: AGPL-3.0-or-later
// Reasons: filtered by words as one types, taken by their number.
"use strict";

// Gives words as they are compared: without capitals, accents and ligatures.
function plainWords(text) {
  const bare = text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "");
  return bare.replace(/œ/g, "oe");
}

// biome-ignore lint/correctness/noUnusedVariables: called by booking.js
function quickenReasons(form) {
  const filter = document.getElementById("subject-filter");
  if (filter === null) {
    return;
  }
  const none = document.getElementById("subjects-none");
  const cards = Array.from(form.querySelectorAll(".subject"));
  const radioOf = (card) => card.querySelector("input");
  const visible = () => cards.filter((card) => !card.hidden);
  const visibleRadios = () => visible().map(radioOf);

  function number() {
    visible().forEach((card, index) => {
      card.dataset.key = index < 9 ? String(index + 1) : "";
    });
  }

  function isMeant(words) {
    const typed = plainWords(filter.value).split(/[^\p{L}\p{N}]+/u).filter(Boolean);
    const known = words.split(" ");
    return typed.every((word) => known.some((each) => each.startsWith(word)));
  }

  function narrow() {
    for (const card of cards) {
      // What is chosen stays in sight, whatever is looked for.
      card.hidden = !isMeant(card.dataset.words) && !radioOf(card).checked;
    }
    none.hidden = cards.some((card) => isMeant(card.dataset.words));
    number();
  }

  function takeBest() {
    const meant = cards.filter((card) => isMeant(card.dataset.words));
    const best = meant.find((card) => isMeant(card.dataset.own)) || meant[0];
    if (best !== undefined) {
      take(radioOf(best));
    }
  }

  filter.addEventListener("input", narrow);
  filter.addEventListener("keydown", (event) => {
    const radios = visibleRadios();
    if (filter.value === "") {
      onDigit(event, radios);
    }
    if (event.key === "ArrowDown" && radios.length > 0) {
      event.preventDefault();
      (radios.find((radio) => radio.checked) || radios[0]).focus();
    } else if (event.key === "Enter" && filter.value.trim() !== "") {
      event.preventDefault();
      takeBest();
    }
  });
  document.getElementById("subjects").addEventListener("keydown", (event) => {
    if (event.target.type === "radio") {
      onDigit(event, visibleRadios());
    }
  });
  filter.hidden = false;
  number();
}
