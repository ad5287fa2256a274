// SPDX-License-Identifier: AGPL-3.0-or-later
// The page is in the language of the scene that it shows: that of the appointment.
"use strict";

(() => {
  const root = document.getElementById("screen");

  function follow() {
    const language = root.querySelector(".scene")?.lang;
    if (language && document.documentElement.lang !== language) {
      document.documentElement.lang = language;
    }
  }

  const changes = { childList: true, subtree: true, attributeFilter: ["lang"] };
  new MutationObserver(follow).observe(root, changes);
  follow();
})();
