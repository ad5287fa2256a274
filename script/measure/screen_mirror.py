# SPDX-License-Identifier: AGPL-3.0-or-later
"""screen.mirror: a key at the counsellor's page -> pixels on the second screen.

Both pages are in one browser, behind the whole site; the peer is the same form in pdf.js in
that browser, typed locally.
"""

import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from playwright.sync_api import sync_playwright

from measure.form_ground import FormGround, form_ground, form_of_many_fields
from measure.pdfjs_peer import open_form, pdfjs_with, typed_ms
from measure.rows import Figures
from stage.chromium import start_chromium

TEXT = "Élodie Lefèvre, 12 rue de l'Église"
PAUSE_MS = 400
READY_MS = 20_000
# The moment (milliseconds since 1970) at which each part that was drawn is to be seen.
WATCH = """
window.seenAt = [];
const draw = CanvasRenderingContext2D.prototype.drawImage;
CanvasRenderingContext2D.prototype.drawImage = function (...told) {
  draw.apply(this, told);
  if (this.canvas.isConnected) {
    requestAnimationFrame(() => window.seenAt.push(performance.timeOrigin + performance.now()));
  }
};
"""
LISTEN = """() => {
  window.keyAt = [];
  document.addEventListener("input",
    (event) => window.keyAt.push(performance.timeOrigin + event.timeStamp), true);
}"""


def measure() -> Figures:
    """Type the same words at the desk and in pdf.js."""
    with ExitStack() as stack:
        folders = [
            Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="guichet-")))
            for _ in range(2)
        ]
        ground = stack.enter_context(form_ground(folders[0], form_of_many_fields))
        peer = stack.enter_context(pdfjs_with(ground.form.pdf, folders[1]))
        browser = start_chromium(stack.enter_context(sync_playwright()))
        stack.callback(browser.close)
        ours = _at_the_desk(browser, ground)
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        open_form(page, peer)
        theirs = typed_ms(page, TEXT, PAUSE_MS)
    slowest = quantiles(ours, n=20)[-1]
    note = f"median {median(ours):.0f} ms, 95 of 100 keys at most {slowest:.0f} ms"
    return Figures(tuple(ours), tuple(theirs), (note,))


def _at_the_desk(browser: Any, ground: FormGround) -> list[float]:
    screen = browser.new_page(viewport={"width": 1920, "height": 1080})
    screen.add_init_script(WATCH)
    screen.goto(ground.site.url + ground.screen_path(), wait_until="load")
    screen.wait_for_selector("#screen", timeout=READY_MS)
    desk = browser.new_context(viewport={"width": 1366, "height": 768})
    desk.add_cookies(ground.counsellors_cookies())
    page = desk.new_page()
    page.goto(ground.filling, wait_until="load")
    page.keyboard.press("F2")
    field = page.locator("#form input.form-control").first
    field.click()
    screen.wait_for_timeout(3000)
    page.evaluate(LISTEN)
    for letter in TEXT:
        field.press_sequentially(letter)
        page.wait_for_timeout(PAUSE_MS)
    keys, seen = page.evaluate("window.keyAt"), screen.evaluate("window.seenAt")
    return [
        min(each for each in seen if each >= key) - key
        for key in keys
        if any(each >= key for each in seen)
    ]
