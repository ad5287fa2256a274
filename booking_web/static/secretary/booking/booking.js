// SPDX-License-Identifier: AGPL-3.0-or-later
// Makes the booking form quick: the resident, the reason and the hour have scripts of their own.
// Without them the form asks the same questions when it is sent.
"use strict";

function quicken(form) {
  document.documentElement.classList.add("js");
  quickenResident(form);
  quickenReasons(form);
  quickenHours(form);
  tellOptions(form);
}

// Says beside the folded line what stands behind it: it counts, seen or not.
function tellOptions(form) {
  const options = document.getElementById("who-options");
  const isSet = (field) =>
    field.matches("[type=radio], [type=checkbox]") ? field.checked : field.value.trim() !== "";
  const tell = () => {
    const told = new Set();
    for (const field of options.querySelectorAll("input, select, textarea")) {
      const words = field.closest("[data-told]")?.dataset.told;
      if (words !== undefined && isSet(field)) {
        told.add(words);
      }
    }
    document.getElementById("who-options-told").textContent = [...told].join(", ");
  };
  options.addEventListener("toggle", tell);
  form.addEventListener("reset", () => setTimeout(tell));
  tell();
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
