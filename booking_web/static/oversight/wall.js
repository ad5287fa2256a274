// SPDX-License-Identifier: AGPL-3.0-or-later
// Says on a wall's page since when its figures are old, and begins the page anew now and then: it
// hangs there for months. One that was closed says so.
"use strict";

(() => {
  const OLD_MS = 30000;
  const LOOK_MS = 1000;
  const TRY_MS = 20000;
  const ANEW_MS = 6 * 3600000;
  const CLOSED = 403;
  const banner = document.getElementById("wall-old");
  const openedAt = Date.now();
  let answeredAt = openedAt;
  let triedAt = openedAt;
  let isAnswered = true;

  function hourOf(instant) {
    return new Date(instant).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
  }

  async function tryPage() {
    triedAt = Date.now();
    try {
      const answer = await fetch(window.location.href, { method: "HEAD", cache: "no-store" });
      if (answer.status === CLOSED || answer.ok) {
        window.location.reload();
      }
    } catch {
      // The server is away: what is shown stays, and says that it is old.
    }
  }

  function look() {
    const now = Date.now();
    const isOld = now - answeredAt > OLD_MS;
    banner.hidden = !isOld;
    const words = banner.dataset.said.replace("{heure}", hourOf(answeredAt));
    if (isOld && banner.textContent !== words) {
      banner.textContent = words;
    }
    const isDue = isAnswered && now - openedAt > ANEW_MS;
    if ((isOld || isDue) && now - triedAt > TRY_MS) {
      tryPage();
    }
  }

  document.addEventListener("guichet:live", (event) => {
    isAnswered = event.detail.isAnswered;
    if (isAnswered) {
      answeredAt = Date.now();
    }
    look();
  });
  window.setInterval(look, LOOK_MS);
})();
