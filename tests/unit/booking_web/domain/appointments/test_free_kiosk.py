# SPDX-License-Identifier: AGPL-3.0-or-later
"""How long nobody is expected at a kiosk."""

from datetime import UTC, datetime, timedelta

import pytest

from booking_web.domain.appointments.asked import asked_for
from booking_web.domain.appointments.booking import book
from booking_web.domain.appointments.free_kiosk import LOOKS_AHEAD, kiosk_is_free_for
from booking_web.domain.appointments.line.joining import join_line
from booking_web.tables.states import AppointmentState as S
from tests.factories.orders import an_order

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
WASSIGNY, GUISE = 1, 2


def booked(session, starts_at: datetime, state: S = S.BOOKED) -> None:
    order = an_order(token=f"{starts_at}{state}", starts_at=starts_at)
    appointment = book(session, order, min(NOW, starts_at)).appointment
    appointment.state = state
    session.flush()


def test_nobody_is_expected_before_the_first_appointment(session) -> None:
    assert kiosk_is_free_for(session, WASSIGNY, NOW) == LOOKS_AHEAD
    booked(session, NOW + 5 * HOUR)
    booked(session, NOW + 2 * HOUR)
    assert kiosk_is_free_for(session, WASSIGNY, NOW) == 2 * HOUR
    assert kiosk_is_free_for(session, GUISE, NOW) == LOOKS_AHEAD


@pytest.mark.parametrize(
    ("state", "free"),
    [
        (S.BOOKED, 3 * HOUR),
        (S.ARRIVED, 3 * HOUR),
        (S.CANCELLED, LOOKS_AHEAD),
        (S.NO_SHOW, LOOKS_AHEAD),
    ],
)
def test_who_does_not_come_is_not_expected(session, state, free) -> None:
    booked(session, NOW + 3 * HOUR, state)
    assert kiosk_is_free_for(session, WASSIGNY, NOW) == free


@pytest.mark.parametrize(
    "state",
    [S.BOOKED, S.ARRIVED, S.CALLING, S.QUEUED, S.IN_CALL, S.UNREACHABLE, S.INTERRUPTED],
)
def test_while_somebody_may_sit_there_it_is_not_free(session, state) -> None:
    booked(session, NOW - 20 * MINUTE, state)
    assert kiosk_is_free_for(session, WASSIGNY, NOW) == timedelta(0)


def test_a_call_that_lasts_for_hours_holds_it_who_never_came_does_not(session) -> None:
    booked(session, NOW - 5 * HOUR, S.BOOKED)
    assert kiosk_is_free_for(session, WASSIGNY, NOW) == LOOKS_AHEAD
    booked(session, NOW - 4 * HOUR, S.IN_CALL)
    assert kiosk_is_free_for(session, WASSIGNY, NOW) == timedelta(0)


def test_who_waits_in_the_line_of_the_relay_is_expected(session) -> None:
    order = an_order(token="line", starts_at=None)
    join_line(session, order, asked_for(session, order), NOW)
    assert kiosk_is_free_for(session, WASSIGNY, NOW) == timedelta(0)
    assert kiosk_is_free_for(session, GUISE, NOW) == LOOKS_AHEAD
