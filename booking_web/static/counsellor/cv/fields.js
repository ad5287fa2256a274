// SPDX-License-Identifier: AGPL-3.0-or-later
// The fields of the CV on the page, by their keys; entries may come and go while it is open.
"use strict";

// biome-ignore lint/correctness/noUnusedVariables: called by cv.js
function cvFields(form) {
  const shown = JSON.parse(form.elements.was.value);

  function controls(key) {
    return Array.from(form.querySelectorAll(`[data-key="${CSS.escape(key)}"]`));
  }

  function isChoice(control) {
    return control.type === "radio" || control.type === "checkbox";
  }

  // A line is kept without the blanks at its ends: whoever types on has one there.
  function isSame(control, text) {
    return (control.localName === "input" ? control.value.trim() : control.value) === text;
  }

  function isTypedEarly(control) {
    const isText = control.localName === "textarea" || (control.localName === "input" && !isChoice(control));
    return isText && control.value !== control.defaultValue;
  }

  return {
    value(control) {
      return control.type === "checkbox" ? (control.checked ? "1" : "") : control.value;
    },
    setValue(key, text) {
      for (const each of controls(key)) {
        if (each.type === "radio") {
          each.checked = each.value === text;
        } else if (!isChoice(each) && !isSame(each, text)) {
          each.value = text;
        }
      }
    },
    // What the page shows by now is no change of its own when it is sent as a whole.
    showed(digests) {
      form.elements.was.value = JSON.stringify(Object.assign(shown, digests));
    },
    typedEarly: () => Array.from(form.querySelectorAll("[data-key]")).filter(isTypedEarly),
    label(key) {
      const box = form.querySelector(`[data-field="${CSS.escape(key)}"]`);
      const entry = box?.closest(".cv-entry")?.querySelector("legend");
      const parts = [entry, box?.querySelector("label") ?? controls(key)[0]?.closest("fieldset")?.querySelector("legend")];
      return parts.filter(Boolean).map((each) => each.textContent.trim()).join(", ") || key;
    },
    focus: (key) => controls(key)[0]?.focus(),
    say(key, words) {
      const said = form.querySelector(`[data-field="${CSS.escape(key)}"] [data-said]`);
      if (said !== null) {
        said.textContent = words;
        said.hidden = words === "";
      }
    },
  };
}
