// SPDX-License-Identifier: AGPL-3.0-or-later
// The fields of the form on the page: what they hold, where they stand, what is said of them.
"use strict";

// biome-ignore lint/correctness/noUnusedVariables: called by filling.js
function formFields(form) {
  const boxes = new Map();
  const places = [];
  const firstPages = new Map();
  let changed = () => {};
  for (const box of form.querySelectorAll("[data-field]")) {
    const field = Number(box.dataset.field);
    boxes.set(field, box);
    for (const [at, words] of box.dataset.places.split(";").entries()) {
      const [page, x, y, width, height] = words.split(" ").map(Number);
      places.push({ field, at, page, x, y, width, height });
      if (at === 0) {
        firstPages.set(field, page);
      }
    }
  }

  function controls(field) {
    return Array.from(boxes.get(field)?.querySelectorAll("input, textarea, select") || []);
  }

  function value(field) {
    const found = controls(field);
    if (found[0]?.type === "radio") {
      return found.find((each) => each.checked)?.value || "";
    }
    if (found[0]?.type === "checkbox") {
      return found[0].checked ? found[0].value : "";
    }
    return found[0]?.value || "";
  }

  function setValue(field, text) {
    for (const each of controls(field)) {
      if (each.type === "radio" || each.type === "checkbox") {
        each.checked = each.value === text;
      } else if (each.value !== text) {
        each.value = text;
      }
    }
    count(field);
  }

  // Says how many characters are there, of those that fit.
  function count(field) {
    const place = boxes.get(field)?.querySelector(".count");
    if (place) {
      const length = Array.from(value(field).normalize("NFC")).length;
      place.textContent = `${length} / ${place.dataset.of}`;
      place.classList.toggle("is-over", length > Number(place.dataset.of));
    }
    changed();
  }

  function placeAt(element, field) {
    return Number(element.dataset.place || 0) + places.findIndex((each) => each.field === field);
  }

  function isText(control) {
    return control.localName === "textarea" || control.type === "text";
  }

  function isChanged(control) {
    if (control.localName === "select") {
      const first = Array.from(control.options).findIndex((each) => each.defaultSelected);
      return control.selectedIndex !== Math.max(first, 0);
    }
    return isText(control) ? control.value !== control.defaultValue : control.checked !== control.defaultChecked;
  }

  for (const field of boxes.keys()) {
    count(field);
  }

  return {
    places: () => places,
    value,
    setValue,
    count,
    // Is called whenever a field holds something else.
    follow(then) {
      changed = then;
    },
    // What was typed before this script came.
    typedEarly: () => Array.from(boxes.keys()).filter((field) => controls(field).some(isChanged)),
    // Takes any text, not one of several choices.
    isWritten: (field) => controls(field).some((each) => isText(each)),
    hasKeyboard: (field) => controls(field).includes(document.activeElement),
    fieldOf(element) {
      const box = element?.closest?.("[data-field]");
      return box && form.contains(box) ? Number(box.dataset.field) : null;
    },
    // The place that an element of a field stands for.
    placeOf: (element, field) => places[placeAt(element, field)],
    label(field) {
      const words = boxes.get(field)?.querySelector("legend, label.form-label, label.tick, .form-label");
      return words?.textContent.trim() || "";
    },
    focus(field, at) {
      const found = controls(field);
      const wanted = found.find((each) => Number(each.dataset.place) === at) || found[0];
      wanted?.focus();
    },
    // Those that wait to be written or chosen, in their order; a box may stay unticked.
    empty: () => Array.from(boxes.keys()).filter((field) => (
      value(field) === "" && controls(field).some((each) => each.type !== "checkbox"))),
    order: () => Array.from(boxes.keys()),
    pageOf: (field) => firstPages.get(field),
    // What must be said of the value; said beside the field, and heard with it.
    say(field, sentences, isWrong = false) {
      const place = boxes.get(field)?.querySelector(".said");
      if (!place || place.innerText.trim() === sentences.join("\n").trim()) {
        return;
      }
      place.replaceChildren(...sentences.map((words) => {
        const line = document.createElement("p");
        line.textContent = words;
        return line;
      }));
      for (const each of controls(field)) {
        if (isWrong) {
          each.setAttribute("aria-invalid", "true");
        } else {
          each.removeAttribute("aria-invalid");
        }
      }
    },
    mark(field, state) {
      const box = boxes.get(field);
      if (box) {
        box.dataset.state = state;
      }
    },
  };
}
