# SPDX-License-Identifier: AGPL-3.0-or-later
"""The story with a counsellor in the browser, as `script/demo --check --counsellor browser` has it.

Without the form, whose part is the same for all: booking, arrival, call, paper and end.
"""

from collections.abc import Iterator

import pytest
from sqlalchemy import delete

from booking_web.tables.wipes import KioskWipe
from stage.browser_account import open_desk
from stage.browser_desk import BrowserDesks, take_calls
from stage.browser_phone import BrowserGround, BrowserPhone
from stage.stack import Stage
from stage.story import COUNSELLOR, KIOSK, Story, live
from stage.waiting import wait_for
from tests.end_to_end.desk_ground import ACCOUNT, CALLS_IN_A_BROWSER, write

pytestmark = CALLS_IN_A_BROWSER


@pytest.fixture
def stage(browser_stage: Stage) -> Iterator[Stage]:
    """Give the system with the kiosk's devices, which have nothing to do afterwards."""
    bridge = browser_stage.devices_of(KIOSK).name
    browser_stage.start(bridge)
    yield browser_stage
    wait_for(
        lambda: browser_stage.kiosk(KIOSK).status()["bridge"]["held_for"] is None,
        "the kiosk holds nothing",
    )
    browser_stage.stop(bridge)
    # Nobody waits for the proof of a kiosk without a bridge.
    write(browser_stage, lambda session: session.execute(delete(KioskWipe)))


def test_the_story_is_lived_with_one_browser_tab_and_both_see_each_other(
    stage: Stage, desks: BrowserDesks
) -> None:
    story = Story()
    page = open_desk(stage, desks, ACCOUNT)
    take_calls(page)
    live(BrowserGround(stage, BrowserPhone(COUNSELLOR, page)), story)
    for end in (story.kiosk, story.counsellor):
        assert end["frames"] >= 30
        assert (end["width"], end["height"]) == (640, 360)
        assert end["codec"] == "VP8"
    assert story.devices.print["text_matches"]
    assert (story.devices.scan["pages"], story.devices.card["pages"]) == (10, 1)
    assert story.devices.wiped
