# SPDX-License-Identifier: AGPL-3.0-or-later
"""form.open: the page on which a form of 300 fields is filled in, beside the form in pdf.js."""

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from measure.form_ground import form_ground, form_of_many_fields
from measure.pdfjs_peer import open_form, pdfjs_with
from measure.rows import Figures
from stage.chromium import start_chromium
from stage.waiting import wait_for

RUNS = 10
FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
BYTES = """performance.getEntries().reduce((sum, each) => sum + (each.transferSize || 0), 0)"""


def measure() -> Figures:
    """Open ours and the peer's in turn, in one browser whose cache is warm."""
    with ExitStack() as stack:
        folders = [
            Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="guichet-")))
            for _ in range(2)
        ]
        ground = stack.enter_context(form_ground(folders[0], form_of_many_fields))
        peer = stack.enter_context(pdfjs_with(ground.form.pdf, folders[1]))
        browser = start_chromium(stack.enter_context(sync_playwright()))
        stack.callback(browser.close)
        context = browser.new_context(viewport={"width": 1366, "height": 768})
        context.add_cookies(ground.counsellors_cookies())
        page = context.new_page()
        page.goto(ground.filling, wait_until="load")
        cold_bytes = page.evaluate(BYTES)
        open_form(page, peer)
        ours, theirs = [], []
        for _ in range(RUNS):
            ours.append(_first_paint_ms(page, ground.filling))
            theirs.append(open_form(page, peer))
        html_bytes = len(page.request.get(ground.filling).body())
    return Figures(
        tuple(ours),
        tuple(theirs),
        (
            f"300 fields, 3 pages: {html_bytes / 1024:.0f} kB of HTML, "
            f"{cold_bytes / 1024:.0f} kB with all it shows at its first opening",
        ),
    )


def _first_paint_ms(page: Any, address: str) -> float:
    page.goto(address, wait_until="load")
    painted = wait_for(lambda: page.evaluate(FIRST_PAINT), "the page is painted")
    return float(painted)
