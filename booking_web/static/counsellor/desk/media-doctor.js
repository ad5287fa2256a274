// SPDX-License-Identifier: AGPL-3.0-or-later
// Camera, microphone and loudspeaker looked at before the first call: a picture, a meter, a
// tone. A device that does not open is named, with what to do about it.
"use strict";

// `say` gives the words of a key. Gives {look(), stop(), tellLine(line)}; `look` opens the devices, which a
// browser may ask the counsellor about.
// biome-ignore lint/correctness/noUnusedVariables: called by desk.js
function openMediaDoctor(place, devices, say) {
  // A microphone that hears nothing for so long is switched off or another one.
  const SILENT_MS = 6000;
  const HEARD = 0.02;
  const part = (name) => place.querySelector(`[data-doctor="${name}"]`);
  const video = place.querySelector("video");
  let stops = [];
  let silence = null;

  function tell(name, key) {
    const line = part(name);
    line.textContent = say(key);
    line.dataset.state = key.endsWith("_good") ? "good" : "trouble";
  }

  async function fill(kind, select, chosen) {
    const found = (await navigator.mediaDevices.enumerateDevices()).filter((each) => each.kind === kind && each.deviceId);
    select.replaceChildren(...found.map((each, number) => new Option(each.label || `${say(kind)} ${number + 1}`, each.deviceId, false, each.deviceId === chosen)));
    select.closest("[data-choice]").hidden = found.length < 2;
  }

  function stop() {
    clearTimeout(silence);
    for (const each of stops) {
      each();
    }
    stops = [];
    video.srcObject = null;
    part("meter").value = 0;
    for (const name of ["camera", "microphone", "loudspeaker"]) {
      part(name).textContent = "";
    }
  }

  function listen(track) {
    const meter = part("meter");
    const silent = () => tell("microphone", "microphone_silent");
    silence = setTimeout(silent, SILENT_MS);
    stops.push(microphoneMeter(track, (loudness) => {
      meter.value = loudness;
      if (loudness >= HEARD) {
        clearTimeout(silence);
        silence = setTimeout(silent, SILENT_MS);
        tell("microphone", "microphone_good");
      }
    }));
  }

  async function look() {
    stop();
    if (navigator.mediaDevices === undefined) {
      tell("camera", "insecure");
      tell("microphone", "insecure");
      return;
    }
    const chosen = devices.read();
    const { camera, microphone } = await openOwnDevices(chosen);
    if (camera.track) {
      video.srcObject = new MediaStream([camera.track]);
      stops.push(() => camera.track.stop());
      tell("camera", "camera_good");
    } else {
      tell("camera", `camera_${camera.trouble}`);
    }
    if (microphone.track) {
      stops.push(() => microphone.track.stop());
      tell("microphone", "microphone_listens");
      listen(microphone.track);
    } else {
      tell("microphone", `microphone_${microphone.trouble}`);
    }
    for (const select of place.querySelectorAll("select")) {
      await fill(select.dataset.kind, select, chosen[select.dataset.kind]);
    }
  }

  place.addEventListener("change", (event) => {
    if (event.target.dataset.kind) {
      devices.keep(event.target.dataset.kind, event.target.value);
      if (event.target.dataset.kind !== "audiooutput") {
        look();
      }
    }
  });
  // Nobody is looked at by a camera whose picture is folded away.
  place.addEventListener("toggle", () => !place.open && stop());
  part("tone").addEventListener("click", () => {
    stops.push(playTones([[660, 250], [880, 250], [660, 400]], devices.read().audiooutput));
    tell("loudspeaker", "loudspeaker_plays");
  });
  return { look, stop, tellLine: (line) => tell("line", line === "there" ? "line_good" : `doctor_line_${line}`) };
}
