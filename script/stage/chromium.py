# SPDX-License-Identifier: AGPL-3.0-or-later
"""Debian's Chromium, started without a screen, and what is looked at on its pages."""

import os
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from stage.waiting import PATIENCE

CHROMIUM = Path("/usr/bin/chromium")
# Chromium without what it has around a page: the same pages by the same engine, for a third of
# the work. It has no camera, and Debian alone has it.
HEADLESS_SHELL = Path("/usr/lib/chromium/chromium-headless-shell")
CHROMIUM_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ANSWER_MS = 30_000 * PATIENCE
# As narrow as a page for people must be whole (WCAG 2.2, 1.4.10).
NARROWEST = 320
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "RGAAv4", "best-practice"]
# A folder for pictures of the pages that tests check by name, for those who want to look.
PICTURES = os.environ.get("GUICHET_TEST_PICTURES")


def start_chromium(playwright: Any, program: Path = CHROMIUM) -> Any:
    """Start it; it is the caller's to close."""
    return playwright.chromium.launch(executable_path=program, args=CHROMIUM_ARGUMENTS)


def check_wide_and_narrow(page: Any, name: str = "", narrow: int = NARROWEST) -> None:
    """Check the page as it is, then in a narrow window; it is left as wide as it was."""
    wide = page.viewport_size
    check_page(page, name)
    page.set_viewport_size({**wide, "width": narrow})
    check_page(page, name)
    page.set_viewport_size(wide)


def check_page(page: Any, name: str = "") -> None:
    """Assert that axe finds nothing to object to and that nothing hangs over the edge.

    No two elements have one id: a label would lead to the wrong one. A form on its way is
    waited for: the page that answers it is the one that is meant.
    """
    expect(page.locator("form[aria-busy]")).to_have_count(0, timeout=ANSWER_MS)
    page.wait_for_load_state()
    size = page.viewport_size
    if PICTURES and name:
        page.screenshot(path=f"{PICTURES}/{name}-{size['width']}.png", full_page=True)
    # What passed is only counted: to tell of each element takes as long as the rules. The
    # style sheets are not fetched anew: no rule that is on reads them by itself.
    options = {
        "runOnly": {"type": "tag", "values": RULES},
        "resultTypes": ["violations"],
        "preload": {"assets": ["media"]},
    }
    # Half a megabyte: a page that has it is not sent it again.
    axe = Axe("0") if page.evaluate("'axe' in window") else Axe()
    results = axe.run(page, options=options)
    assert results.violations_count == 0, f"{name}: {results.generate_report()}"
    assert results.response["passes"]
    ids = page.eval_on_selector_all("[id]", "all => all.map(each => each.id)")
    assert [each for each in set(ids) if ids.count(each) > 1] == [], name
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= size["width"], f"{name} is {width} pixels wide"
