// SPDX-License-Identifier: AGPL-3.0-or-later
// The pages of a long form, with what is still empty on each; F3 goes from one empty field to the next.
"use strict";

// biome-ignore lint/correctness/noUnusedVariables: called by filling.js
function askedPages(fields) {
  const links = Array.from(document.querySelectorAll("#asked-pages a"));
  let isWaiting = false;

  function tell() {
    isWaiting = false;
    const counts = new Map();
    for (const field of fields.empty()) {
      const page = fields.pageOf(field);
      counts.set(page, (counts.get(page) || 0) + 1);
    }
    for (const link of links) {
      const count = counts.get(Number(link.dataset.page)) || 0;
      const place = link.querySelector(".empty-told");
      link.dataset.empty = count;
      const { few, many } = place.dataset;
      place.textContent = (count < 2 ? few : many).replace("{count}", count);
    }
  }

  function onPage(page) {
    const isThere = (field) => fields.pageOf(field) === page;
    return fields.empty().find(isThere) ?? fields.order().find(isThere);
  }

  // Moves the strip alone: the page must stay where it is while somebody clicks.
  function bringIntoStrip(link) {
    const strip = link.parentElement;
    const there = link.getBoundingClientRect();
    const seen = strip.getBoundingClientRect();
    strip.scrollLeft += Math.max(there.right - seen.right, 0) + Math.min(there.left - seen.left, 0);
  }

  for (const link of links) {
    link.addEventListener("click", (event) => {
      const field = onPage(Number(link.dataset.page));
      if (field !== undefined) {
        event.preventDefault();
        fields.focus(field, 0);
      }
    });
  }
  if (links.length > 0) {
    fields.follow(() => {
      if (!isWaiting) {
        isWaiting = true;
        requestAnimationFrame(tell);
      }
    });
    tell();
  }

  return {
    // Says on which page the keyboard is.
    at(page) {
      for (const link of links) {
        if (Number(link.dataset.page) === page) {
          link.setAttribute("aria-current", "true");
          bringIntoStrip(link);
        } else {
          link.removeAttribute("aria-current");
        }
      }
    },
    // The empty field after (or before) one, round about.
    nextEmpty(field, isBack) {
      const order = fields.order();
      const empty = fields.empty();
      const here = order.indexOf(field);
      const later = empty.filter((each) => order.indexOf(each) > here);
      const earlier = empty.filter((each) => order.indexOf(each) < here);
      return isBack ? (earlier.at(-1) ?? later.at(-1)) : (later[0] ?? earlier[0]);
    },
  };
}
