// SPDX-License-Identifier: AGPL-3.0-or-later
// A code that came with the address is sent at once: at a kiosk nobody is there to press.
"use strict";

(() => {
  const form = document.getElementById("enrolment");
  if (form.elements.code.value !== "") {
    form.requestSubmit();
  }
})();
