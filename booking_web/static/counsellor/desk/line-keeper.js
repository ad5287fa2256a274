// SPDX-License-Identifier: AGPL-3.0-or-later
// Looks after the line of one call: tells the kiosk what comes over, follows what the kiosk
// tells, asks for a whole picture where it stands still, and says how well it goes.
"use strict";

// Calls `hear` with {mine, theirs}: how well the counsellor sees the resident, and the reverse.
// Gives {take(text), stop()}.
// biome-ignore lint/correctness/noUnusedVariables: called by desk.js
function keepLine(telephone, hear) {
  const STILL_MS = 125;
  const LOOK_MS = 2000;
  // Said once: only who reads it is told how much the kiosk's line may ever carry.
  const READS_MOST = "guichet-line/1 reads=most";
  // Said once: where the reports cease the WebSocket is cut, not the line of the pictures.
  const REPORTS_APART = "guichet-line/1 reports=apart";
  const WHOLE_PICTURE = "guichet-picture/1 whole";
  const isStalled = stalledPictures();
  const mine = lastingQuality();
  const theirs = lastingQuality();
  let before = null;
  let hadPictures = false;
  let theyHadPictures = false;
  let theirSeen = "good";
  const rate = pictureRate();
  const wish = pictureWish();
  let kilobits = 300;
  let isHeld = false;

  telephone.tell(READS_MOST);
  telephone.tell(REPORTS_APART);
  telephone.boundPicture(kilobits);

  const still = setInterval(async () => {
    const counts = await telephone.counts();
    if (counts !== null && !isHeld && isStalled(counts, performance.now())) {
      telephone.tell(WHOLE_PICTURE);
    }
  }, STILL_MS);

  const look = setInterval(async () => {
    const counts = await telephone.counts();
    if (counts === null) {
      return;
    }
    const seen = before === null ? null : betweenCounts(before, counts);
    before = counts;
    if (seen === null || isHeld) {
      return;
    }
    hadPictures ||= seen.pictures >= 1;
    telephone.tell(writeLineReport({ ...seen, most: wish(seen) }));
    const now = performance.now();
    hear({ mine: mine(lineQuality(seen, hadPictures), now), theirs: theirs(theirSeen, now), seen });
  }, LOOK_MS);

  return {
    // Gives true for what was said to telephones, and is for nobody's eyes.
    take(text) {
      const report = readLineReport(text);
      if (report !== null && !isHeld) {
        theyHadPictures ||= report.pictures >= 1;
        theirSeen = lineQuality(report, theyHadPictures);
        const next = rate(report);
        if (next !== kilobits) {
          kilobits = next;
          telephone.boundPicture(kilobits);
        }
      }
      return /^guichet-[a-z]{1,20}\/[0-9]{1,3}(?:\s|$)/.test(text);
    },
    rest(isResting) {
      isHeld = isResting;
      before = null;
    },
    stop() {
      clearInterval(still);
      clearInterval(look);
    },
  };
}
