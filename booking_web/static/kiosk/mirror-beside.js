// SPDX-License-Identifier: AGPL-3.0-or-later
// What stands beside or over what is shown: the counsellor's words, and where they point.
"use strict";

// biome-ignore lint/correctness/noUnusedVariables: called by mirror.js
function mirrorBeside(fit, closer) {
  const panel = document.getElementById("words");
  const line = panel.querySelector("p");
  const ring = document.getElementById("pointer");

  // The newest is what must be seen, also where the room has changed.
  function follow() {
    panel.scrollTop = panel.scrollHeight;
  }

  new ResizeObserver(() => {
    follow();
    fit();
  }).observe(panel);
  new ResizeObserver(follow).observe(line);

  return {
    write(words) {
      if (line.textContent !== words) {
        line.textContent = words;
      }
      panel.hidden = words === "";
      document.body.classList.toggle("is-written-to", words !== "");
      follow();
    },
    point(sheet, fractions) {
      if (fractions === null) {
        sheet.pointNowhere();
        closer.pointAt(null);
        ring.hidden = true;
        return;
      }
      const place = sheet.seen() === null ? closer.pointAt(fractions) : sheet.pointAt(fractions);
      ring.hidden = place === null;
      if (place !== null) {
        ring.style.setProperty("transform", `translate(${place[0]}px, ${place[1]}px)`);
      }
    },
  };
}
