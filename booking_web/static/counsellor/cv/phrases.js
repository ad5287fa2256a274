// SPDX-License-Identifier: AGPL-3.0-or-later
// Wordings: the one that is pressed goes to the end of the field that was written in last.
"use strict";

// `put(area)` is called with the field that was changed. Gives a function that calls a job by its
// title, as it is typed.
// biome-ignore lint/correctness/noUnusedVariables: called by cv.js
function cvPhrases(form, put) {
  const target = document.getElementById("target");

  function areaOf(key) {
    return form.querySelector(`[data-key="${CSS.escape(key)}"]`);
  }

  function callJob(key, title) {
    const [section, number, name] = key.split(".");
    const option = document.getElementById(`target-${section}-${number}-tasks`);
    if (name === "title" && option !== null && title.trim() !== "") {
      option.textContent = target.dataset.named.replace("{name}", () => title.trim());
    }
  }

  // Who writes in a field means that one.
  form.addEventListener("focusin", (event) => {
    const key = event.target.dataset?.key;
    if (key && [...target.options].some((each) => each.value === key)) {
      target.value = key;
    }
  });

  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-phrase]");
    if (button === null) {
      return;
    }
    event.preventDefault();
    const area = areaOf(target.value);
    const before = area.value.trimEnd();
    const text = before === "" ? button.textContent : `${before}\n${button.textContent}`;
    if (text.length <= area.maxLength) {
      area.value = text;
      put(area);
    }
    area.focus();
    area.setSelectionRange(area.value.length, area.value.length);
  });

  return callJob;
}
