// SPDX-License-Identifier: AGPL-3.0-or-later
// The counsellor's camera and microphone: chosen, opened, refused; and the picture that stands
// in for the camera. Which devices were chosen is remembered by this browser alone.
"use strict";

// In one word why a device does not open.
function mediaTrouble(error) {
  const name = error?.name ?? "";
  if (name === "NotAllowedError" || name === "SecurityError") {
    return /system/i.test(error.message ?? "") ? "blocked_by_system" : "refused";
  }
  if (name === "NotFoundError" || name === "OverconstrainedError") {
    return "absent";
  }
  return name === "NotReadableError" || name === "AbortError" ? "busy" : "unknown";
}

// biome-ignore lint/correctness/noUnusedVariables: called by desk.js
function chosenDevices() {
  const KEY = "guichet-devices";
  function read() {
    try {
      return JSON.parse(localStorage.getItem(KEY)) ?? {};
    } catch {
      return {};
    }
  }
  return {
    read,
    keep(kind, id) {
      try {
        localStorage.setItem(KEY, JSON.stringify({ ...read(), [kind]: id }));
      } catch {
        // A browser that keeps nothing takes its own devices the next time.
      }
    },
  };
}

// What is asked of one kind of device. No upper bound of the rate: a browser that leaves no picture out
// (Firefox) has no camera then, since most give thirty a second and nothing else. What is sent has a bound,
// in telephone.js.
function deviceWish(kind, id) {
  const ofCamera = { width: { ideal: 640 }, height: { ideal: 360 }, aspectRatio: { ideal: 16 / 9 }, frameRate: { ideal: 20 }, resizeMode: { ideal: "crop-and-scale" } };
  const ofMicrophone = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  return { ...(kind === "camera" ? ofCamera : ofMicrophone), ...(id ? { deviceId: { ideal: id } } : {}) };
}

// Opens one kind, "camera" or "microphone"; gives {track} or {trouble}. A chosen device that
// is gone is no trouble while there is another.
async function openOwnDevice(kind, id) {
  const wish = deviceWish(kind, id);
  try {
    const stream = await navigator.mediaDevices.getUserMedia(kind === "camera" ? { video: wish } : { audio: wish });
    return { track: stream.getTracks()[0] };
  } catch (error) {
    return { trouble: mediaTrouble(error) };
  }
}

// Opens both, by one question where the browser asks; gives {camera, microphone}, each as above.
// `chosen` is what `chosenDevices` read.
// biome-ignore lint/correctness/noUnusedVariables: called by own-side.js and media-doctor.js
async function openOwnDevices(chosen) {
  try {
    const stream = await navigator.mediaDevices.getUserMedia({
      video: deviceWish("camera", chosen.videoinput),
      audio: deviceWish("microphone", chosen.audioinput),
    });
    return { camera: { track: stream.getVideoTracks()[0] }, microphone: { track: stream.getAudioTracks()[0] } };
  } catch {
    // One of them is there, perhaps.
    return { camera: await openOwnDevice("camera", chosen.videoinput), microphone: await openOwnDevice("microphone", chosen.audioinput) };
  }
}

// A still that is drawn again and again: a track that gives no picture at all would look like
// a line that is cut.
// biome-ignore lint/correctness/noUnusedVariables: called by desk.js
function privacyPicture(words) {
  const DRAWN_MS = 200;
  const [WIDTH, HEIGHT] = [640, 360];
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const pen = canvas.getContext("2d");

  function draw() {
    pen.fillStyle = "#1d4e5f";
    pen.fillRect(0, 0, WIDTH, HEIGHT);
    pen.fillStyle = "#ffffff";
    pen.font = "700 34px sans-serif";
    pen.textAlign = "center";
    words.split("\n").forEach((line, number, all) => {
      pen.fillText(line, WIDTH / 2, HEIGHT / 2 + 46 * (number - (all.length - 1) / 2), WIDTH - 40);
    });
  }

  draw();
  const timer = setInterval(draw, DRAWN_MS);
  const [track] = canvas.captureStream(1000 / DRAWN_MS).getVideoTracks();
  return {
    track,
    stop() {
      clearInterval(timer);
      track.stop();
    },
  };
}

// How loud a microphone is, from 0 to 1, told ten times a second until it is stopped.
// biome-ignore lint/correctness/noUnusedVariables: called by media-doctor.js
function microphoneMeter(track, hear) {
  const LOOK_MS = 100;
  const room = new AudioContext();
  const ear = room.createAnalyser();
  ear.fftSize = 1024;
  room.createMediaStreamSource(new MediaStream([track])).connect(ear);
  const samples = new Float32Array(ear.fftSize);
  const timer = setInterval(() => {
    ear.getFloatTimeDomainData(samples);
    const sum = samples.reduce((before, each) => before + each * each, 0);
    hear(Math.min(1, 4 * Math.sqrt(sum / samples.length)));
  }, LOOK_MS);
  return () => {
    clearInterval(timer);
    room.close();
  };
}
