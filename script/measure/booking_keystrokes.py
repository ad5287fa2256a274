# SPDX-License-Identifier: AGPL-3.0-or-later
"""booking.keystrokes: keys and clicks until a resident has an appointment, counted."""

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from measure.rows import Figures
from stage.chromium import start_chromium
from stage.keyboard_desk import (
    KNOWN,
    NEW,
    book_known,
    book_new,
    know_resident,
    publish_hours,
    wait_until_ready,
)
from stage.stack import Stage

SECRETARY = "mairie@wassigny.example"
ORGANISATION = "sous-prefecture-vervins"
AIM_NEW = 25


def measure() -> Figures:
    """Book for a known and for a new resident in a real browser, by the keyboard alone."""
    with (
        tempfile.TemporaryDirectory(prefix="guichet-") as folder,
        Stage(Path(folder)) as stage,
        sync_playwright() as playwright,
    ):
        stage.prepare()
        database = stage.database()
        publish_hours(database, ORGANISATION)
        know_resident(database, "wassigny", KNOWN)
        database.dispose()
        stage.start("web")
        browser = start_chromium(playwright)
        page = _signed_in(browser, stage.url, stage.passwords()[SECRETARY])
        known = book_known(page)
        page.goto(f"{stage.url}/bureau")
        new = book_new(page)
        browser.close()
    note = f"a new resident ({NEW}): {new}, aim <= {AIM_NEW}"
    return Figures((float(known),), (), (note,))


def _signed_in(browser: Browser, url: str, password: str) -> Page:
    page = browser.new_page(locale="fr-FR")
    page.goto(url)
    page.fill("#email", SECRETARY)
    page.fill("#password", password)
    page.click("button[type=submit]")
    wait_until_ready(page)
    return page
