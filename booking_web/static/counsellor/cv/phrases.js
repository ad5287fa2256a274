// SPDX-License-Identifier: AGPL-3.0-or-later
// Wordings: the one that is pressed goes to the end of the field that was written in last.
"use strict";

// `put(area)` is called with the field that was changed. Gives a function that calls a job by its
// title, as it is typed, and one that puts right the list of fields that came from the server.
// biome-ignore lint/correctness/noUnusedVariables: called by cv.js
function cvPhrases(form, put) {
  const target = document.getElementById("target");
  let chosen = target.value;

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

  // The list may be older than what was typed since, and does not know which field was meant.
  function again() {
    for (const control of form.querySelectorAll('[data-key$=".title"]')) {
      callJob(control.dataset.key, control.value);
    }
    choose(chosen);
  }

  function choose(key) {
    if ([...target.options].some((each) => each.value === key)) {
      target.value = key;
      chosen = key;
    }
  }

  target.addEventListener("change", () => choose(target.value));
  // Who writes in a field means that one.
  form.addEventListener("focusin", (event) => {
    choose(event.target.dataset?.key);
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

  return { callJob, again };
}
