// SPDX-License-Identifier: AGPL-3.0-or-later
// The same form typed locally: pdf.js draws the page again after each key, beside itself, and
// shows it when it is whole.
"use strict";

window.shownAfter = [];

async function begin() {
  pdfjsLib.GlobalWorkerOptions.workerSrc = "/build/pdf.worker.js";
  const form = await pdfjsLib.getDocument({
    url: "/form.pdf",
    standardFontDataUrl: "/web/standard_fonts/",
  }).promise;
  const page = await form.getPage(1);
  const [annotation] = (await page.getAnnotations()).filter((each) => each.fieldType === "Tx");
  const width = page.getViewport({ scale: 1 }).width;
  const viewport = page.getViewport({ scale: 1080 / width });
  const shown = document.getElementById("page");
  const field = document.getElementById("field");
  shown.width = viewport.width;
  shown.height = viewport.height;

  async function draw() {
    const beside = document.createElement("canvas");
    beside.width = shown.width;
    beside.height = shown.height;
    await page.render({
      canvasContext: beside.getContext("2d"),
      viewport,
      annotationMode: pdfjsLib.AnnotationMode.ENABLE_STORAGE,
      annotationCanvasMap: null,
    }).promise;
    shown.getContext("2d").drawImage(beside, 0, 0);
    await new Promise(window.requestAnimationFrame);
  }

  field.addEventListener("input", async (event) => {
    form.annotationStorage.setValue(annotation.id, { value: field.value });
    await draw();
    window.shownAfter.push(performance.now() - event.timeStamp);
  });
  await draw();
  document.body.dataset.drawn = performance.now();
}

begin();
