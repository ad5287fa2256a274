# SPDX-License-Identifier: AGPL-3.0-or-later
"""Debian's Chromium, started without a screen, and what is looked at on its pages."""

import os
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

CHROMIUM = Path("/usr/bin/chromium")
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
ANSWER_MS = 30_000
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "RGAAv4", "best-practice"]
# A folder for pictures of the pages that tests check by name, for those who want to look.
PICTURES = os.environ.get("GUICHET_TEST_PICTURES")


def start_chromium(playwright: Any) -> Any:
    """Start it; it is the caller's to close."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)


def check_wide_and_narrow(page: Any, name: str = "", narrow: int = 390) -> None:
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
    # What passed is only counted: to tell of each element takes as long as the rules.
    options = {
        "runOnly": {"type": "tag", "values": RULES},
        "resultTypes": ["violations"],
    }
    results = Axe().run(page, options=options)
    assert results.violations_count == 0, f"{name}: {results.generate_report()}"
    assert results.response["passes"]
    ids = page.eval_on_selector_all("[id]", "all => all.map(each => each.id)")
    assert [each for each in set(ids) if ids.count(each) > 1] == [], name
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= size["width"], f"{name} is {width} pixels wide"
