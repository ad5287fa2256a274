// SPDX-License-Identifier: AGPL-3.0-or-later
// The counsellor's loudspeaker: chosen, played, and whether the browser lets it be heard.
"use strict";

// Has what an element plays, or a room of sound, come out of this loudspeaker; without one, or where
// it is gone, out of the computer's own.
function playOutOf(player, loudspeaker) {
  player.setSinkId?.(loudspeaker ?? "").catch(() => {});
}

// Gives where the sound of a room goes in. A browser whose rooms know no loudspeaker (Firefox) lets
// an element play it.
function loudspeakerOf(room, loudspeaker) {
  if (!loudspeaker || room.setSinkId) {
    playOutOf(room, loudspeaker);
    return room.destination;
  }
  const way = room.createMediaStreamDestination();
  const player = new Audio();
  player.srcObject = way.stream;
  playOutOf(player, loudspeaker);
  player.play().catch(() => {});
  return way;
}

// Plays tones [[hertz, milliseconds], ...] out of a loudspeaker; gives a function that ends them.
// biome-ignore lint/correctness/noUnusedVariables: called by desk.js
function playTones(tones, loudspeaker, isRepeated = false) {
  const room = new AudioContext();
  const exit = loudspeakerOf(room, loudspeaker);
  const length = tones.reduce((before, [, ms]) => before + ms, 0);
  let timer = null;

  function once() {
    if (timer !== null && room.state === "suspended") {
      // Nothing is heard before something is pressed; then not all that was due until then at once.
      room.resume().catch(() => {});
      timer = setTimeout(once, length + 50);
      return;
    }
    let at = room.currentTime + 0.02;
    for (const [hertz, ms] of tones) {
      if (hertz > 0) {
        const tone = room.createOscillator();
        const volume = room.createGain();
        tone.frequency.value = hertz;
        volume.gain.setValueAtTime(0, at);
        volume.gain.linearRampToValueAtTime(0.2, at + 0.02);
        volume.gain.setValueAtTime(0.2, at + ms / 1000 - 0.04);
        volume.gain.linearRampToValueAtTime(0, at + ms / 1000);
        tone.connect(volume).connect(exit);
        tone.start(at);
        tone.stop(at + ms / 1000);
      }
      at += ms / 1000;
    }
    timer = setTimeout(isRepeated ? once : () => room.close(), length + 50);
  }

  once();
  return () => {
    clearTimeout(timer);
    if (room.state !== "closed") {
      room.close();
    }
  };
}

// Tells whether this page is heard before anything was pressed in it: a browser may keep a page silent
// until then, also its ringing.
async function mayBeHeard() {
  if (navigator.getAutoplayPolicy) {
    return navigator.getAutoplayPolicy("audiocontext") === "allowed";
  }
  const LONGEST_MS = 2000;
  const room = new AudioContext();
  await Promise.race([room.resume(), new Promise((resolve) => {
    setTimeout(resolve, LONGEST_MS);
  })]);
  const isHeard = room.state === "running";
  room.close();
  return isHeard;
}

// Calls `tell` with whether a ringing is heard here: now and, where it is not, once something was pressed.
// biome-ignore lint/correctness/noUnusedVariables: called by being-there.js
async function heedSilence(tell) {
  const isHeard = await mayBeHeard();
  tell(isHeard);
  if (isHeard) {
    return;
  }
  // A press in a frame counts too; the page sees of it that the keyboard went there.
  const PRESSED = ["click", "keydown", "blur"];
  async function look() {
    if (await mayBeHeard()) {
      for (const each of PRESSED) {
        window.removeEventListener(each, look);
      }
      tell(true);
    }
  }
  for (const each of PRESSED) {
    window.addEventListener(each, look);
  }
}
