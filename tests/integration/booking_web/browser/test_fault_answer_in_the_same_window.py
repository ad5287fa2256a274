# SPDX-License-Identifier: AGPL-3.0-or-later
"""A form's answer is written into the same window: what the page before it did there ends."""

import pytest
from playwright.sync_api import Page, expect

from stage.keyboard_desk import wait_until_ready

pytestmark = pytest.mark.real

SECRETARY = "mairie@wassigny.example"
KIOSK = "kiosk-wassigny"
COUNT_RINGS = (
    "window.rung = 0; HTMLMediaElement.prototype.play = function () {"
    " window.rung += 1; return Promise.resolve(); }"
)
# More than the bell's pause and the time between two looks at everything.
LATER_MS = 40_000


@pytest.fixture
def desk(new_page, sign_in) -> Page:
    """Give the desk, its scripts run, with a clock that the test may put forward."""
    page = new_page()
    page.clock.install()
    sign_in(page, SECRETARY)
    wait_until_ready(page)
    return page


def be_answered(desk: Page) -> None:
    """Send a form that lacks the resident's name: its page comes into the same window."""
    desk.evaluate("window.isSameWindow = true")
    desk.get_by_label("Maintenant").check()
    desk.locator("#confirm").click()
    expect(desk.locator("#error-summary")).to_be_focused()
    assert desk.evaluate("window.isSameWindow")


def test_the_bell_of_the_page_before_stops(new_page, desk, signed_in, ground) -> None:
    desk.evaluate(COUNT_RINGS)
    kiosk = new_page()
    kiosk.goto(ground.screen_address(KIOSK))
    kiosk.wait_for_url("**/borne")
    kiosk.keyboard.press("F1")
    desk.wait_for_function("window.rung > 0")
    be_answered(desk)
    signed_in(SECRETARY).get_by_role("button", name="J'y vais").click()
    expect(desk.locator("#help [data-ringing]")).to_have_count(0)
    desk.evaluate("window.rung = 0")
    desk.clock.fast_forward(LATER_MS)
    assert desk.evaluate("window.rung") == 0
    assert not desk.title().startswith("🔔")


def test_the_page_before_asks_for_nothing_more(desk) -> None:
    be_answered(desk)
    expect(desk.locator("#live-link")).to_be_visible()
    asked: list[str] = []
    desk.on("request", lambda request: asked.append(request.url))
    with desk.expect_response("**/bureau/changements*"):
        desk.clock.fast_forward(LATER_MS)
    assert len([url for url in asked if "/bureau/changements" in url]) == 1
