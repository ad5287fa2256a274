// SPDX-License-Identifier: AGPL-3.0-or-later
// Draws the table's appointments as a grid of hours; the table stays one click away.
"use strict";

(() => {
  const grid = document.getElementById("week-grid");
  const table = document.getElementById("week-table");
  const button = document.getElementById("week-switch");
  if (grid === null) {
    return;
  }
  const STORED = "guichet-week-as-table";
  let isDrawn = false;

  function eventsOfTable() {
    const days = Array.from(table.querySelectorAll("thead th"), (cell) => cell.textContent.trim());
    return Array.from(table.querySelectorAll("[data-start]"), (entry) => ({
      start: entry.dataset.start,
      end: entry.dataset.end,
      classNames: [`tone-${entry.dataset.tone}`],
      extendedProps: { entry, day: days[entry.parentElement.cellIndex] },
    }));
  }

  // The same link as in the table; its day is in the column's head for those who see it.
  function linkOf(info) {
    const { entry, day } = info.event.extendedProps;
    const link = entry.querySelector("a").cloneNode(true);
    const unseen = document.createElement("span");
    unseen.className = "visually-hidden";
    unseen.textContent = `${day}, `;
    const what = document.createElement("span");
    what.className = "week-detail";
    what.textContent = [".week-what", ".week-state"]
      .map((part) => entry.querySelector(part).textContent.trim())
      .join(", ");
    link.prepend(unseen);
    link.append(what);
    link.className = "week-link";
    link.title = link.textContent.replace(/\s+/g, " ").trim();
    return { domNodes: [link] };
  }

  // The library calls its boxes a table without giving them rows: they are plain boxes.
  function dropRoles() {
    for (const box of grid.querySelectorAll(".ec, .ec *")) {
      for (const { name } of Array.from(box.attributes)) {
        const isOurs = box.closest(".week-link") !== null;
        if (!isOurs && (name === "role" || (name.startsWith("aria-") && name !== "aria-hidden"))) {
          box.removeAttribute(name);
        }
      }
    }
  }

  function draw() {
    // Days before months, as in the page's own English.
    const locale = grid.dataset.language === "en" ? "en-GB" : grid.dataset.language;
    const days = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "short" });
    // French says "premier" of a month's first day alone, which the browser does not know.
    const named = (part) => (part.type === "day" && part.value === "1" && locale === "fr" ? "1er" : part.value);
    const hour = (date) => date.getHours() + (grid.dataset.language === "fr" ? " h" : ":00");
    EventCalendar.create(grid, {
      view: "timeGridWeek",
      date: grid.dataset.first,
      firstDay: 1,
      hiddenDays: grid.dataset.sunday === "true" ? [] : [0],
      locale,
      slotMinTime: grid.dataset.from,
      slotMaxTime: grid.dataset.to,
      slotHeight: 72,
      slotLabelFormat: hour,
      slotEventOverlap: false,
      allDaySlot: false,
      nowIndicator: false,
      headerToolbar: { start: "", center: "", end: "" },
      dayHeaderFormat: (date) => days.formatToParts(date).map(named).join(""),
      events: eventsOfTable(),
      eventContent: linkOf,
      viewDidMount: dropRoles,
      eventAllUpdated: dropRoles,
    });
    isDrawn = true;
  }

  function show(asTable) {
    table.hidden = !asTable;
    grid.hidden = asTable;
    button.querySelector("span").textContent = asTable ? button.dataset.grid : button.dataset.table;
    if (!asTable && !isDrawn) {
      draw();
    }
  }

  function isTableWished() {
    try {
      return window.localStorage.getItem(STORED) === "1";
    } catch {
      return false;
    }
  }

  button.hidden = false;
  button.addEventListener("click", () => {
    const asTable = table.hidden;
    show(asTable);
    try {
      window.localStorage.setItem(STORED, asTable ? "1" : "0");
    } catch {
      // A browser that keeps nothing shows the grid next time.
    }
  });
  show(isTableWished());
})();
