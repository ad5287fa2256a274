// SPDX-License-Identifier: AGPL-3.0-or-later
// The way to the captions that this kiosk's own machine makes. It has put it behind the # of the
// page's address, which no browser sends to a server; at the first start a form comes in between.
"use strict";

function captionsWay() {
  const KEPT = "guichet-captions";
  const found = /^#sous-titres=(\d{1,5})\/([\w-]+)$/.exec(window.location.hash);
  if (found !== null) {
    window.sessionStorage.setItem(KEPT, `http://127.0.0.1:${found[1]}/${found[2]}`);
  }
  return window.sessionStorage.getItem(KEPT);
}

captionsWay();
