# SPDX-License-Identifier: AGPL-3.0-or-later
"""The help key held down in a call: a warning, then its end; let go before, it is help."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from booking_web.domain.appointments.lifecycle import move
from booking_web.tables.appointment import Appointment, JournalEntry
from booking_web.tables.journal_acts import Act
from booking_web.tables.presence import HelpCall
from booking_web.tables.states import AppointmentState as S
from stage.appointments import put_appointment
from stage.waiting import PATIENCE, wait_for

KIOSK = "kiosk-wassigny"
KEY = "F1"

pytestmark = pytest.mark.real


@pytest.fixture
def screen(new_page: Callable[..., Page], ground) -> Page:
    """Give the kiosk's second screen, let in."""
    page = new_page(viewport={"width": 1920, "height": 1080})
    page.goto(ground.screen_address(KIOSK))
    page.wait_for_url("**/borne")
    return page


@pytest.fixture
def call(database, screen: Page) -> int:
    """Give the appointment that is in call, once the screen shows it."""
    now = datetime.now(UTC)
    with database.write() as session:
        number = put_appointment(session, KIOSK, "msa")
        appointment = session.get_one(Appointment, number)
        for state in (S.CALLING, S.QUEUED, S.IN_CALL):
            move(session, appointment, state, actor="d", at=now)
            session.flush()
    expect(screen.locator(f"[data-call='{number}']")).to_be_attached()
    return number


def ended_by(database, number: int) -> list[str]:
    with database.read() as session:
        entries = select(JournalEntry.actor).where(
            JournalEntry.appointment_id == number,
            JournalEntry.act == Act.HANG_UP_REQUESTED,
        )
        return list(session.scalars(entries))


def calls_for_help(database) -> int:
    with database.read() as session:
        return len(session.scalars(select(HelpCall)).all())


@pytest.fixture
def held(screen: Page, call: int) -> Callable[[int], None]:
    """Hold the key down by a clock of the test's own; give what lets that go on."""
    screen.clock.install()
    screen.clock.pause_at(datetime.now(UTC) + timedelta(minutes=1))
    screen.keyboard.down(KEY)
    return screen.clock.run_for


def test_a_key_that_is_held_down_warns_and_ends_the_call_also_over_a_bad_line(
    screen: Page, database, call: int, held: Callable[[int], None]
) -> None:
    tries: list[str] = []

    def refuse_once(route: Route) -> None:
        tries.append(route.request.post_data or "")
        if len(tries) == 1:
            route.abort("connectionrefused")
        else:
            route.continue_()

    screen.route("**/borne/fin", refuse_once)
    warning = screen.locator("#end-call")
    expect(warning).to_be_hidden()
    held(1_600)
    expect(warning.locator("h1.while-held")).to_be_visible()
    assert (ended_by(database, call), tries) == ([], [])
    held(1_600)
    expect(warning.locator("h1.while-ending")).to_be_visible()
    screen.clock.resume()
    screen.keyboard.up(KEY)
    expect(warning).to_be_hidden(timeout=30_000 * PATIENCE)
    assert ended_by(database, call) == [f"kiosk:{KIOSK}"]
    assert set(tries) == {f"appointment={call}"}
    assert calls_for_help(database) == 0


def test_a_key_that_is_let_go_before_the_end_asks_for_help_and_the_call_goes_on(
    screen: Page, database, call: int, held: Callable[[int], None]
) -> None:
    held(2_600)
    expect(screen.locator("#end-call")).to_be_visible()
    screen.keyboard.up(KEY)
    expect(screen.locator("#end-call")).to_be_hidden()
    screen.clock.resume()
    wait_for(lambda: calls_for_help(database), "help is asked for", 30)
    expect(screen.get_by_text("La mairie est prévenue.")).to_be_visible()
    assert calls_for_help(database) == 1
    assert ended_by(database, call) == []
