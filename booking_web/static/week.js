// SPDX-License-Identifier: AGPL-3.0-or-later
// Draws the table's appointments as a grid of hours; the table stays one click away.
"use strict";

(function () {
  const grid = document.getElementById("week-grid");
  const table = document.getElementById("week-table");
  const button = document.getElementById("week-switch");
  if (grid === null) {
    return;
  }
  const STORED = "guichet-week-as-table";
  let calendar = null;

  function eventsOfTable() {
    return Array.from(table.querySelectorAll("[data-start]"), (entry) => ({
      start: entry.dataset.start,
      end: entry.dataset.end,
      title: [
        entry.querySelector("a").lastChild.textContent.trim(),
        entry.querySelector(".week-what").textContent.trim(),
        entry.querySelector(".week-state").textContent.trim(),
      ].join(", "),
      classNames: ["tone-" + entry.dataset.tone],
      extendedProps: { address: entry.querySelector("a").href },
    }));
  }

  function draw() {
    const hour = (date) => date.getHours() + (grid.dataset.language === "fr" ? " h" : ":00");
    calendar = EventCalendar.create(grid, {
      view: "timeGridWeek",
      date: grid.dataset.first,
      firstDay: 1,
      hiddenDays: grid.dataset.sunday === "true" ? [] : [0],
      locale: grid.dataset.language,
      slotMinTime: grid.dataset.from,
      slotMaxTime: grid.dataset.to,
      slotLabelFormat: hour,
      slotEventOverlap: false,
      allDaySlot: false,
      nowIndicator: false,
      headerToolbar: { start: "", center: "", end: "" },
      dayHeaderFormat: { weekday: "long", day: "numeric", month: "short" },
      events: eventsOfTable(),
      eventClick: (info) => window.location.assign(info.event.extendedProps.address),
    });
  }

  function show(asTable) {
    table.hidden = !asTable;
    grid.hidden = asTable;
    button.querySelector("span").textContent = asTable ? button.dataset.grid : button.dataset.table;
    if (!asTable && calendar === null) {
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
  show(isTableWished() || window.matchMedia("(max-width: 48rem)").matches);
})();
