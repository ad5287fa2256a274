# SPDX-License-Identifier: AGPL-3.0-or-later
"""The help key at a whole kiosk: a key of the keyboard that is plugged in, not of a page."""

from collections.abc import Iterator

import pytest
from sqlalchemy import delete, func, select

from booking_web.tables.presence import HelpCall
from stage.waiting import NotInTime, wait_for
from stage.whole_kiosk import Call, WholeKiosk

pytestmark = pytest.mark.real

KEY = "F1"
LIGHT = "() => document.getElementById('help').hidden"
# Longer than the three seconds after which a key that is held ends the call.
HELD_MILLISECONDS = 4500


@pytest.fixture(autouse=True)
def nobody_rings(whole: WholeKiosk) -> None:
    """Have each wish be a new one: who rings already rings once."""
    database = whole.stage.database()
    try:
        with database.write() as session:
            session.execute(delete(HelpCall))
    finally:
        database.dispose()


def wishes(whole: WholeKiosk) -> int:
    """Count the wishes for help that the site knows."""
    database = whole.stage.database()
    try:
        with database.read() as session:
            return session.scalar(select(func.count(HelpCall.id))) or 0
    finally:
        database.dispose()


def test_the_key_is_heard_while_nobody_is_called(whole: WholeKiosk) -> None:
    before = wishes(whole)
    whole.session.press(KEY)
    wait_for(lambda: wishes(whole) == before + 1, "the desk knows", 10, 0.1)


def test_in_a_call_the_key_is_the_pages_and_ends_it_when_it_is_held(
    whole: WholeKiosk, call: Call
) -> None:
    assert whole.place_of("pjmedia-SDL")
    whole.session.press(KEY, HELD_MILLISECONDS)
    wait_for(lambda: not call.is_up(), "the call is over", 15, 0.1)
    journal = "hang_up_requested"
    assert whole.stage.journal_tells(call.appointment, journal)


@pytest.fixture
def away(whole: WholeKiosk) -> Iterator[None]:
    """Have the site away; it is back afterwards."""
    whole.wait(lambda: whole.scene() in ("free", "goodbye"), "the pages")
    whole.stage.stop("front")
    yield
    whole.stage.start("front")
    whole.wait(lambda: whole.scene() in ("free", "goodbye"), "the pages", 60)


def start_page_is_shown(whole: WholeKiosk) -> bool:
    return whole.page().get("url", "").startswith("file://")


def test_on_the_start_page_the_key_is_answered_and_told_once_the_line_is_back(
    whole: WholeKiosk, away: None
) -> None:
    before = wishes(whole)
    whole.kill_browser()
    whole.wait(lambda: start_page_is_shown(whole), "the start page")
    assert whole.look(LIGHT) is True
    whole.session.press(KEY)
    whole.wait(lambda: whole.look(LIGHT) is False, "the light", 10)
    whole.wait(whole.places.help_wanted.exists, "it is kept", 10)
    whole.stage.start("front")
    whole.wait(lambda: wishes(whole) == before + 1, "the desk knows", 30)
    whole.wait(lambda: not whole.places.help_wanted.exists(), "it is told", 20)


def press_until_kept(whole: WholeKiosk) -> None:
    """Press as a person does, again after a while: a page that has just come may not hear yet."""
    for _ in range(5):
        whole.session.press(KEY)
        try:
            whole.wait(whole.places.help_wanted.exists, "it is kept", 8)
            return
        except NotInTime:
            continue
    raise NotInTime("the wish is not kept after five presses")


def test_a_wish_that_was_not_told_outlasts_the_browser(
    whole: WholeKiosk, away: None
) -> None:
    before = wishes(whole)
    press_until_kept(whole)
    whole.kill_browser()
    whole.wait(lambda: start_page_is_shown(whole), "the start page")
    # Seen there too, by whoever pressed.
    whole.wait(lambda: whole.look(LIGHT) is False, "the light", 10)
    whole.stage.start("front")
    whole.wait(lambda: wishes(whole) == before + 1, "the desk knows", 30)
