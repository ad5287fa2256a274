// SPDX-License-Identifier: AGPL-3.0-or-later
// The keys of a page that stands alone; in the desk's frame the desk hears them (desk/desk.js).
"use strict";

window.addEventListener("keydown", (event) => {
  const pressed = window.self === window.top ? buttonOfKey(document, event) : null;
  if (pressed !== null) {
    event.preventDefault();
    pressed.click();
  }
});
