// SPDX-License-Identifier: AGPL-3.0-or-later
// Makes the booking form quick: the resident, the reason and the hour have scripts of their own.
// Without them the form asks the same questions when it is sent.
"use strict";

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
