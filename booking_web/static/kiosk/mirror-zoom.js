// SPDX-License-Identifier: AGPL-3.0-or-later
// How large and where a page is shown so that what is framed is legible from two metres; nothing
// is drawn here.
"use strict";

// Capital letters of 8 mm: 29 pixels on a screen of 24 inches with 1080 lines.
const CAPITALS_PX = 29;
const SCREEN_LINES = 1080;
// How high a capital is in a letter's size: Helvetica's, as in most forms.
const CAPITAL_OF_SIZE = 0.716;
// Left free around what is framed, of the view's height: at its sides, and above and below, where
// the help key stands.
const FREE = [0.03, 0.1];
// Letters that are smaller by less are as good as legible.
const NEARLY = 0.999;

// Gives how many pixels a point must take for letters of this size to be legible.
function mirrorLegible(letters) {
  return (CAPITALS_PX * window.innerHeight) / SCREEN_LINES / (CAPITAL_OF_SIZE * letters);
}

// Gives how many pixels a point of the page takes: enough for the letters, at least so that the
// page fits, at most so that what is framed stays in sight.
function mirrorZoom(view, size, frame, letters) {
  const whole = Math.min(view.width / size[0], view.height / size[1]);
  if (frame === null || letters <= 0) {
    return whole;
  }
  const [beside, above] = FREE.map((each) => 2 * each * view.height);
  const most = Math.min((view.width - beside) / frame[2], (view.height - above) / frame[3]);
  return Math.max(Math.min(mirrorLegible(letters), most), Math.min(whole, most));
}

// Tells whether what is framed would not be legible, or not be seen as a whole, on the page.
// biome-ignore lint/correctness/noUnusedVariables: called by mirror-sheet.js
function mirrorIsTooSmall(view, size, frame, letters) {
  const isRead = frame !== null && letters > 0;
  return isRead && mirrorZoom(view, size, frame, letters) < mirrorLegible(letters) * NEARLY;
}

// Gives where a page's left side lies, for a middle that is wished for: no empty room beside a
// page that is wider than the view.
// biome-ignore lint/correctness/noUnusedVariables: called by mirror-sheet.js
function mirrorShift(room, length, middle) {
  return length <= room ? (room - length) / 2 : Math.min(0, Math.max(room - length, room / 2 - middle));
}
