// SPDX-License-Identifier: AGPL-3.0-or-later
// The page that the CV becomes: made anew after a pause in typing, one question at a time.
"use strict";

// Who only looks on (`isWriting()` is false) leaves the second screen where it is.
// biome-ignore lint/correctness/noUnusedVariables: called by cv.js
function cvPreview(form, isWriting) {
  const PAUSE_MS = 700;
  const ANSWER_MS = 25000;
  const pictures = document.getElementById("pictures");
  const fit = document.getElementById("fit");
  let timer = null;
  let isBusy = false;
  let isAsked = false;
  let section = "";
  let shownPage = 1;

  function say(told) {
    fit.classList.toggle("is-over", !told.fits);
    const lines = told.words.map((words) => {
      const line = document.createElement("p");
      line.textContent = words;
      return line;
    });
    // Said again only where it is something else.
    if (fit.textContent !== told.words.join("")) {
      fit.replaceChildren(...lines);
    }
    if (told.pictures) {
      draw(told.pictures, told.page);
    }
  }

  // Each page below the one before; the one that is written on comes into view.
  function draw(addresses, written) {
    while (pictures.children.length > addresses.length) {
      pictures.lastElementChild.remove();
    }
    addresses.forEach((address, index) => {
      const page = pictures.children[index] ?? pictures.appendChild(another(index + 1));
      page.src = address;
    });
    if (written !== shownPage && written > 0) {
      pictures.scrollTop = pictures.children[written - 1].offsetTop;
      shownPage = written;
    }
  }

  function another(number) {
    const page = pictures.firstElementChild.cloneNode();
    page.removeAttribute("id");
    page.alt = pictures.dataset.alt.replace("{page}", number);
    return page;
  }

  async function ask() {
    isAsked = true;
    if (isBusy) {
      return;
    }
    isBusy = true;
    while (isAsked) {
      isAsked = false;
      pictures.classList.add("is-late");
      const body = new URLSearchParams({ csrf_token: form.dataset.token });
      if (isWriting()) {
        body.set("partie", section);
      }
      try {
        const answer = await fetch(form.dataset.preview, {
          method: "POST",
          body,
          redirect: "error",
          signal: AbortSignal.timeout(ANSWER_MS),
        });
        const told = await answer.json();
        if (told.words) {
          say(told);
        }
      } catch {
        // What is typed next asks again; that it is kept is said elsewhere.
      }
      pictures.classList.remove("is-late");
    }
    isBusy = false;
  }

  return {
    // The part of the page that is written in, by the key of its field.
    at(key) {
      const [name, number] = key.split(".");
      section = number ? `${name}-${number}` : name;
      if (["title", "town", "telephone", "email", "mobility"].includes(name)) {
        section = "name";
      }
    },
    soon() {
      clearTimeout(timer);
      timer = setTimeout(ask, PAUSE_MS);
    },
  };
}
