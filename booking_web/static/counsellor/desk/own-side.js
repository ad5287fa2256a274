// SPDX-License-Identifier: AGPL-3.0-or-later
// What goes out of one's own side of a call, a counsellor's or a guest's: camera, the picture that stands in for it,
// microphone. The own picture shows what the resident sees of them.
"use strict";

// `own` is the element of the own picture, `devices` what was chosen, `words` what `deskWords` gave.
// `telephone()` gives the telephone, `isInCall()` whether there is a call; `draw()` is called
// after each change.
// biome-ignore lint/correctness/noUnusedVariables: called by desk.js and visit.js
function openOwnSide(own, devices, words, { telephone, isInCall, draw }) {
  const { say, aloud, notice } = words;
  let microphone = null;
  let camera = null;
  let stillPicture = null;
  let isMuted = false;
  let isDark = false;

  // Gives the tracks to answer with; null where `isWanted()` says no once the browser has its devices.
  // `was`: how it was in a call that is taken up again.
  async function open(isWanted, was = { isMuted: false, isDark: false }) {
    const chosen = devices.read();
    close();
    const { camera: seen = {}, microphone: heard } = was.isDark ? { microphone: await openOwnDevice("microphone", chosen.audioinput) } : await openOwnDevices(chosen);
    if (!isWanted()) {
      seen.track?.stop();
      heard.track?.stop();
      return null;
    }
    camera = seen.track ?? null;
    microphone = heard.track ?? null;
    isDark = camera === null;
    isMuted = was.isMuted;
    if (microphone !== null) {
      microphone.enabled = !isMuted;
    }
    notice("trouble", [seen.trouble ? `${say(`camera_${seen.trouble}`)} ${say("goes_on_dark")}` : "", heard.trouble ? say(`microphone_${heard.trouble}`) : ""].filter(Boolean).join(" "));
    showOwn();
    draw();
    return tracks();
  }

  function tracks() {
    return [...(microphone === null ? [] : [microphone]), isDark ? darkTrack() : camera];
  }

  function darkTrack() {
    stillPicture ??= privacyPicture(say("privacy_picture"));
    return stillPicture.track;
  }

  function showOwn() {
    own.srcObject = new MediaStream([isDark ? darkTrack() : camera]);
    // Who opens a camera that another program had, later.
    camera?.addEventListener("ended", () => {
      if (isInCall() && !isDark) {
        setDark(true);
        notice("trouble", `${say("camera_gone")} ${say("goes_on_dark")}`);
      }
    });
  }

  async function setDark(wish) {
    if (!wish) {
      const opened = await openOwnDevice("camera", devices.read().videoinput);
      if (!isInCall() || opened.trouble) {
        opened.track?.stop();
        notice("trouble", opened.trouble ? say(`camera_${opened.trouble}`) : "");
        return;
      }
      camera = opened.track;
      notice("trouble", "");
    }
    isDark = wish;
    await telephone().send(isDark ? darkTrack() : camera);
    if (isDark) {
      // Its light goes out: nobody is looked at.
      camera?.stop();
      camera = null;
    }
    showOwn();
    draw();
    aloud(say(isDark ? "dark" : "camera_again"));
  }

  function setMuted(wish) {
    isMuted = wish;
    telephone().mute(isMuted);
    draw();
    aloud(say(isMuted ? "muted" : "heard_again"));
  }

  function close() {
    for (const each of [microphone, camera, stillPicture]) {
      each?.stop();
    }
    [microphone, camera, stillPicture] = [null, null, null];
    isMuted = false;
    isDark = false;
    own.srcObject = null;
    notice("trouble", "");
  }

  return {
    get isMuted() {
      return isMuted;
    },
    get isDark() {
      return isDark;
    },
    open,
    tracks,
    setDark,
    setMuted,
    close,
  };
}
