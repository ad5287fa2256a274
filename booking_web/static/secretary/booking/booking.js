// SPDX-License-Identifier: AGPL-3.0-or-later
// Makes the booking form quick: reasons filtered by words or taken by their number. Residents
// and free hours have scripts of their own. Without them the form asks the same questions when
// it is sent.
"use strict";

function take(radio) {
  radio.focus();
  if (!radio.checked) {
    radio.checked = true;
    radio.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function onDigit(event, radios) {
  if (/^[1-9]$/.test(event.key) && !event.ctrlKey && !event.altKey && !event.metaKey) {
    event.preventDefault();
    if (radios[event.key - 1] !== undefined) {
      take(radios[event.key - 1]);
    }
  }
}

function quickenReasons(form) {
  const filter = document.getElementById("subject-filter");
  const cards = Array.from(form.querySelectorAll(".subject"));
  const plain = (text) =>
    text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/œ/g, "oe");
  const visible = () => cards.filter((card) => !card.hidden);
  const isChosen = (card) => card.querySelector("input").checked;

  function number() {
    visible().forEach((card, index) => {
      card.dataset.key = index < 9 ? String(index + 1) : "";
    });
  }

  function takeCard(card) {
    if (card !== undefined) {
      take(card.querySelector("input"));
    }
  }

  function isMeant(words) {
    const typed = plain(filter.value).split(/[^\p{L}\p{N}]+/u).filter(Boolean);
    const known = words.split(" ");
    return typed.every((word) => known.some((each) => each.startsWith(word)));
  }

  if (filter !== null) {
    filter.hidden = false;
    number();
    filter.addEventListener("input", () => {
      cards.forEach((card) => {
        // What is chosen stays in sight, whatever is looked for.
        card.hidden = !isMeant(card.dataset.words) && !isChosen(card);
      });
      const isNone = !cards.some((card) => isMeant(card.dataset.words));
      document.getElementById("subjects-none").hidden = !isNone;
      number();
    });
    filter.addEventListener("keydown", (event) => {
      const radios = visible().map((card) => card.querySelector("input"));
      if (filter.value === "") {
        onDigit(event, radios);
      }
      if (event.key === "ArrowDown" && radios.length > 0) {
        event.preventDefault();
        (radios.find((radio) => radio.checked) || radios[0]).focus();
      } else if (event.key === "Enter" && filter.value.trim() !== "") {
        event.preventDefault();
        const meant = cards.filter((card) => isMeant(card.dataset.words));
        takeCard(meant.find((card) => isMeant(card.dataset.own)) || meant[0]);
      }
    });
    document.getElementById("subjects").addEventListener("keydown", (event) => {
      if (event.target.type === "radio") {
        onDigit(event, visible().map((card) => card.querySelector("input")));
      }
    });
  }
}

function quicken(form) {
  document.documentElement.classList.add("js");
  quickenResident(form);
  quickenReasons(form);
  quickenHours(form);
}

// The page waits for this script before it shows its body, and this element stands behind the
// form's last field: nobody types into a form that would be sent by the first Enter.
// An answer that is written into the same window finds it defined.
if (customElements.get("booking-behaviour") === undefined) {
  customElements.define(
    "booking-behaviour",
    class extends HTMLElement {
      connectedCallback() {
        quicken(this.closest("form"));
      }
    },
  );
}

// Where the form arrives in pieces, it is not sent before the last of them is there.
document.addEventListener("submit", (event) => {
  const isReady = document.documentElement.classList.contains("js");
  if (event.target.id === "booking-form" && !isReady) {
    event.preventDefault();
  }
});
