// SPDX-License-Identifier: AGPL-3.0-or-later
// Before a guest joins: camera, microphone and sound are looked at.
"use strict";

(() => {
  const page = document.getElementById("guest-link");
  const { button, say } = deskWords(page, document.getElementById("guest-words").content);
  const doctor = openMediaDoctor(page.querySelector("[data-doctor-place]"), chosenDevices(), say);
  button("look").addEventListener("click", () => doctor.look());
  // The next page opens them for itself.
  window.addEventListener("pagehide", () => doctor.stop());
})();
