// SPDX-License-Identifier: AGPL-3.0-or-later
// How much picture the page sends, from what the kiosk reports of it; the sound comes first. The
// kiosk's own rules are sip_endpoints/call/ladder.py: these are their like, for a browser.
"use strict";

// Gives a function that takes a report ({loss, most, kbps}) and gives kilobits a second. A call begins
// small and climbs fast until something is lost. Where much is lost, what fits into what came is sent
// at once, the sound first; it is given back slowly. But a line that loses as much with half the
// picture is not full: there, less is no cure.
// biome-ignore lint/correctness/noUnusedVariables: called by line-keeper.js
function pictureRate() {
  const [START, LEAST, MOST, SOUND] = [300, 60, 800, 80];
  // What is lost beyond what the line always loses, and what is kept of the picture then.
  const [LITTLE, MUCH, DROWNED] = [0.02, 0.05, 0.2];
  const kept = (excess) => (excess >= DROWNED ? 0.5 : excess >= MUCH ? 0.7 : 0.9);
  const [HALF, SAME_SHARE, LARGEST_OWN] = [0.55, 0.6, 0.25];
  // Of what came, headers and sound included: a moment's rate, which may be low by chance.
  const [USED_SHARE, CARRIED_SHARE, LEAST_OF_GUESS] = [0.7, 0.85, 0.3];
  // A change shows in the report after the next one.
  const SETTLE_REPORTS = 1;
  // For so many reports a line is believed to carry no more than it did; longer each time.
  const [LEAST_BELIEF, LONGEST_BELIEF] = [15, 150];
  let kilobits = START;
  let isStarting = true;
  let losses = [];
  let own = 0;
  let settling = 0;
  let before = null;
  let carried = MOST;
  let belief = LEAST_BELIEF;
  let believed = 0;

  function cut(seen, came) {
    isStarting = false;
    if (before === null) {
      before = { kilobits, loss: seen };
      believed = belief;
      belief = Math.min(2 * belief, LONGEST_BELIEF);
    }
    const excess = seen - own;
    const guess = (share) => (excess >= MUCH ? Math.max(LEAST_OF_GUESS * kilobits, share * came - SOUND) : MOST);
    carried = Math.min(CARRIED_SHARE * kilobits, guess(CARRIED_SHARE));
    kilobits = Math.min(kept(excess) * kilobits, guess(USED_SHARE));
    settling = SETTLE_REPORTS;
    losses = [];
  }

  function climb() {
    before = null;
    kilobits = Math.min(kilobits * (isStarting ? 1.5 : 1.1), believed > 0 ? carried : MOST);
  }

  return ({ loss, most, kbps = Number.POSITIVE_INFINITY }) => {
    believed -= 1;
    if (settling > 0) {
      settling -= 1;
      return Math.round(kilobits);
    }
    losses = [...losses, loss].slice(-2);
    const seen = losses.reduce((sum, each) => sum + each, 0) / losses.length;
    if (loss - own >= DROWNED || (losses.length === 2 && seen - own >= LITTLE)) {
      if (before !== null && kilobits <= HALF * before.kilobits && seen <= LARGEST_OWN && seen >= SAME_SHARE * before.loss) {
        own = seen;
        kilobits = before.kilobits;
        before = null;
        believed = 0;
      } else {
        cut(Math.max(seen, loss), kbps);
      }
    } else if (losses.length === 2) {
      own = Math.min(own, Math.max(seen, 0.8 * own));
      climb();
    }
    const line = most === null ? MOST : 0.7 * most - SOUND;
    kilobits = Math.max(LEAST, Math.min(kilobits, line, MOST));
    return Math.round(kilobits);
  };
}

// Gives a function that takes what came between two looks and gives how much the page's line may
// carry, as it is told to the kiosk; null where nothing need be said. A browser shows whole pictures
// alone: where packets are lost, a picture of few packets comes whole and one of many does not.
// biome-ignore lint/correctness/noUnusedVariables: called by line-keeper.js
function pictureWish() {
  const [FEW, PLENTY] = [260, 3000];
  const [LOSSY, CLEAN, MOVING] = [0.02, 0.01, 15];
  const [LOOKS_TO_ASK, LOOKS_TO_LIFT] = [2, 15];
  let asked = null;
  let looks = 0;
  return ({ loss, pictures }) => {
    const isFew = asked === FEW;
    const isReason = isFew ? loss < CLEAN : loss >= LOSSY && pictures < MOVING;
    looks = isReason ? looks + 1 : 0;
    if (looks >= (isFew ? LOOKS_TO_LIFT : LOOKS_TO_ASK)) {
      asked = isFew ? PLENTY : FEW;
      looks = 0;
    }
    return asked;
  };
}
