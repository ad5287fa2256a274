# SPDX-License-Identifier: AGPL-3.0-or-later
"""From an appointment in the database to a call on the real Asterisk, and to its end."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from booking_web.tables.states import AppointmentState as S
from stage.appointments import AppointmentBook
from stage.endpoint import Endpoint
from stage.stack import Stage

pytestmark = pytest.mark.real

KIOSK, ORGANISATION = "kiosk-wassigny", "msa"
# No counsellor of this one is started by any test here.
UNATTENDED = "mission-locale-thierache"
SOON = timedelta(minutes=5)


def test_a_due_appointment_is_called_connected_and_done(
    dispatched: Stage, book: AppointmentBook, kiosk: Endpoint, counsellor: Endpoint
) -> None:
    number = book.put(KIOSK, ORGANISATION)
    book.wait(number, S.IN_CALL)
    call = kiosk.call()
    assert call is not None and call["appointment_id"] == str(number)
    counsellor.order("hangup")
    book.wait(number, S.DONE)
    periods = book.periods(number)
    assert [period.kind for period in periods] == [
        "waiting",
        "ringing",
        "queued",
        "in_call",
    ]
    for period, following in zip(periods, periods[1:]):
        assert period.ended_at == following.started_at
    assert periods[-1].counsellor_id is not None


def test_two_due_at_one_kiosk_never_overlap(
    dispatched: Stage, book: AppointmentBook, kiosk: Endpoint, counsellor: Endpoint
) -> None:
    now = datetime.now(UTC)
    first = book.put(KIOSK, ORGANISATION, starts_at=now - SOON)
    second = book.put(KIOSK, ORGANISATION, starts_at=now)
    book.wait(first, S.IN_CALL)
    assert book.told(second) == ("arrived", "")
    counsellor.order("hangup")
    book.wait(second, S.IN_CALL)
    counsellor.order("hangup")
    book.wait(second, S.DONE)
    end = book.periods(first)[-1].ended_at
    # The second waits meanwhile; its kiosk rings after the first one's call.
    ringing = book.periods(second)[1]
    assert end is not None and end <= ringing.started_at


def test_a_counsellors_own_call_belongs_to_the_appointment(
    dispatched: Stage, book: AppointmentBook, kiosk: Endpoint, counsellor: Endpoint
) -> None:
    number = book.put(KIOSK, ORGANISATION, starts_at=datetime.now(UTC) + SOON)
    counsellor.order("call", KIOSK)
    book.wait(number, S.IN_CALL)
    counsellor.order("hangup")
    book.wait(number, S.DONE)
    kinds = [period.kind for period in book.periods(number)]
    assert kinds == ["waiting", "ringing", "in_call"]


def test_the_secretary_ends_a_call_that_waits_and_one_that_stands(
    dispatched: Stage, book: AppointmentBook, kiosk: Endpoint, counsellor: Endpoint
) -> None:
    waiting = book.put(KIOSK, UNATTENDED)
    book.wait(waiting, S.QUEUED)
    book.change(waiting, hangup_requested_at=datetime.now(UTC))
    book.wait(waiting, S.INTERRUPTED, "hung_up_by_secretary")
    standing = book.put(KIOSK, ORGANISATION)
    book.wait(standing, S.IN_CALL)
    book.change(standing, hangup_requested_at=datetime.now(UTC))
    book.wait(standing, S.DONE)


def test_a_resident_who_leaves_the_queue_is_told_from_a_queue_that_gives_up(
    dispatched: Stage, book: AppointmentBook, kiosk: Endpoint
) -> None:
    number = book.put(KIOSK, UNATTENDED)
    book.wait(number, S.QUEUED)
    # A kiosk that is shut down takes its leave.
    dispatched.stop(KIOSK)
    book.wait(number, S.INTERRUPTED, "resident_left")


@pytest.fixture
def impatient(asterisk_stage: Stage) -> Iterator[None]:
    """Let the unattended organisation's residents wait for two seconds."""
    database = asterisk_stage.database()
    change = text(
        "UPDATE organisation SET abandon_after_seconds = :seconds WHERE slug = :slug"
    )
    with database.write() as session:
        session.execute(change, {"seconds": 2, "slug": UNATTENDED})
    yield
    with database.write() as session:
        session.execute(change, {"seconds": 300, "slug": UNATTENDED})
    database.dispose()


@pytest.mark.usefixtures("impatient")
def test_without_any_counsellor_the_appointment_is_abandoned_after_the_limit(
    dispatched: Stage, book: AppointmentBook, kiosk: Endpoint
) -> None:
    number = book.put(KIOSK, UNATTENDED)
    book.wait(number, S.QUEUED)
    book.wait(number, S.ABANDONED, "queue_timeout", timeout_seconds=30)
    # One click, and it is called again.
    book.change(number, state=S.ARRIVED, call_requested_at=datetime.now(UTC))
    book.wait(number, S.QUEUED)
