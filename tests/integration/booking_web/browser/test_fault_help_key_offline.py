# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fault: the help key is pressed while the town hall cannot be told."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from booking_web.tables.presence import HelpCall

KIOSK = "kiosk-wassigny"
UNSENT = "La mairie n'a pas pu être prévenue. Nous réessayons."
TOLD = "La mairie est prévenue."
HELP = re.compile(r"/borne/aide$")


@pytest.fixture
def kiosk(new_page: Callable[..., Page], ground) -> Page:
    """Give the kiosk's second screen, let in."""
    page = new_page(viewport={"width": 1920, "height": 1080})
    page.goto(ground.screen_address(KIOSK))
    page.wait_for_url("**/borne")
    expect(page.locator("#help-unsent")).to_be_hidden()
    return page


def calls_for_help(database) -> int:
    with database.read() as session:
        return len(session.scalars(select(HelpCall)).all())


def refuse(route: Route) -> None:
    route.abort("connectionrefused")


def test_the_resident_is_told_and_help_rings_once_the_line_is_back(
    kiosk: Page, database
) -> None:
    kiosk.route(HELP, refuse)
    with kiosk.expect_event("requestfailed", lambda each: HELP.search(each.url)):
        kiosk.keyboard.press("F1")
    expect(kiosk.locator("#help-unsent")).to_have_text(UNSENT)
    expect(kiosk.locator("#help-unsent")).to_be_visible()
    assert calls_for_help(database) == 0
    kiosk.unroute(HELP)
    expect(kiosk.get_by_text(TOLD)).to_be_visible()
    expect(kiosk.locator("#help-unsent")).to_be_hidden()
    assert calls_for_help(database) == 1


def test_a_server_that_cannot_take_it_is_no_yes(kiosk: Page, database) -> None:
    kiosk.route(HELP, lambda route: route.fulfill(status=503))
    kiosk.keyboard.press("F1")
    expect(kiosk.locator("#help-unsent")).to_be_visible()
    kiosk.unroute(HELP)
    expect(kiosk.get_by_text(TOLD)).to_be_visible()
    assert calls_for_help(database) == 1


def test_a_server_that_says_nothing_is_not_waited_for(
    kiosk: Page, server, database
) -> None:
    server.program.freeze()
    try:
        kiosk.keyboard.press("F1")
        expect(kiosk.locator("#help-unsent")).to_be_visible()
        # Pressed again meanwhile, it is one and the same call.
        kiosk.keyboard.press("F1")
    finally:
        server.program.thaw()
    expect(kiosk.get_by_text(TOLD)).to_be_visible()
    assert calls_for_help(database) == 1
