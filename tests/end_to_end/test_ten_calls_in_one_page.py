# SPDX-License-Identifier: AGPL-3.0-or-later
"""Ten calls in a row in one page of a browser: each has its pictures, none leaves anything.

The second call of a telephone is where pictures stay black, and the tenth where a page has grown.
"""

import time
from dataclasses import dataclass

import pytest
from playwright.sync_api import CDPSession, Page

from stage.browser_account import open_desk
from stage.browser_desk import BrowserDesks, expect_state, take_calls
from stage.browser_phone import BrowserPhone
from stage.endpoint import Endpoint
from stage.stack import Stage
from stage.story import COUNSELLOR, KIOSK
from stage.waiting import wait_for
from tests.end_to_end.desk_ground import (
    ACCOUNT,
    CALLS_IN_A_BROWSER,
    PICTURES,
    call_for,
    state_of,
)

pytestmark = CALLS_IN_A_BROWSER

CALLS = 10
# By then whatever is made once is there.
SETTLED = 3
# What a page may hold more after seven calls: a leak of a call is a video's pictures, or megabytes.
GROWN_AT_MOST = 3_000_000
LISTENERS_AT_MOST = 20


@dataclass(frozen=True)
class Held:
    """What the page holds between calls."""

    connections: int
    devices: int
    heap: int
    listeners: int


@pytest.fixture
def phone(browser_stage: Stage, desks: BrowserDesks) -> BrowserPhone:
    """Give a desk that answers by itself."""
    page = open_desk(browser_stage, desks, ACCOUNT)
    take_calls(page)
    return BrowserPhone(COUNSELLOR, page)


def pictures(end: BrowserPhone | Endpoint) -> int:
    video = (end.call() or {}).get("video") or {}
    return int(video.get("frames_decoded", 0))


def held_by(page: Page, session: CDPSession) -> Held:
    """Count after what nobody holds is gone."""
    session.send("HeapProfiler.collectGarbage")
    told = session.send("Performance.getMetrics")["metrics"]
    metrics = {each["name"]: int(each["value"]) for each in told}
    return Held(
        page.evaluate("deskWatch.open().length"),
        page.evaluate("deskWatch.openTracks()"),
        metrics["JSHeapUsedSize"],
        metrics["JSEventListeners"],
    )


def test_pictures_move_both_ways_in_each_of_ten_calls_and_nothing_stays(
    browser_stage: Stage, phone: BrowserPhone
) -> None:
    stage = browser_stage
    kiosk, page = stage.kiosk(KIOSK), phone.page
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    held = []
    for number in range(1, CALLS + 1):
        appointment = call_for(stage)
        expect_state(page, "in_call")
        wait_for(lambda: pictures(kiosk), "a picture at the kiosk", 30, 0.02)
        shown_at = 1000 * time.time()
        wait_for(
            lambda: min(pictures(phone), pictures(kiosk)) >= PICTURES,
            f"pictures move both ways in call {number}",
            30,
            0.05,
        )
        seen, shown = pictures(phone), pictures(kiosk)
        call = phone.call()
        assert call is not None and call["appointment_id"] == str(appointment)
        here = (call["first_picture_at"] - call["answered_at"]) / 1000
        there = (shown_at - call["answered_at"]) / 1000
        phone.order("hangup")
        expect_state(page, "waiting")
        wait_for(lambda: state_of(stage, appointment) == "done", "the call is over")
        stage.asterisk.wait_idle()
        wait_for(lambda: kiosk.call() is None, "the kiosk is in no call", 30)
        held.append(held_by(page, session))
        print(
            f"{number:2}  {here:5.2f} s  {there:5.2f} s  {seen:4} {shown:4}  {held[-1]}"
        )
    assert [(each.connections, each.devices) for each in held] == [(0, 0)] * CALLS
    assert held[-1].heap - held[SETTLED - 1].heap < GROWN_AT_MOST
    assert held[-1].listeners - held[SETTLED - 1].listeners < LISTENERS_AT_MOST
    contacts = stage.asterisk.cli("pjsip show contacts")
    assert contacts.count(f"{COUNSELLOR}/") == 1
    assert contacts.count(f"{KIOSK}/") == 1
