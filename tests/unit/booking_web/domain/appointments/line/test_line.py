# SPDX-License-Identifier: AGPL-3.0-or-later
"""The line of those who came without an appointment: order, estimate, whose turn it is."""

from datetime import timedelta

import pytest
from sqlalchemy import select

import booking_web.tables.presence  # noqa: F401 - its tables belong to the schema
from booking_web.domain.appointments import acts
from booking_web.domain.appointments.asked import asked_for
from booking_web.domain.appointments.booking import book
from booking_web.domain.appointments.lifecycle import move
from booking_web.domain.appointments.line.calling import call_from_lines
from booking_web.domain.appointments.line.estimate import (
    LinePlace,
    place_in_line,
    usual_call,
    wait_behind,
)
from booking_web.domain.appointments.line.joining import join_line
from booking_web.domain.appointments.refusals import UnknownOrganisation
from booking_web.domain.places.grid import SLOT, slot_of
from booking_web.tables.appointment import Appointment, KioskSlot, Period
from booking_web.tables.presence import (
    EndpointKind,
    EndpointPresence,
    Presence,
    PresenceWatch,
)
from booking_web.tables.states import AppointmentState as State
from booking_web.tables.states import PeriodKind
from provisioning.database.models import Counsellor
from tests.factories.orders import an_order

MINUTE = timedelta(minutes=1)


def order_of(token, *, relay="wassigny", organisation="msa"):
    return an_order(
        token=token, relay=relay, organisation=organisation, resident_name="Mme Petit"
    )


def joins(session, now, token, **places):
    order = order_of(token, **places)
    return join_line(session, order, asked_for(session, order), now)


def past_calls(session, now, *minutes):
    """Add ended calls of the MSA, one a day back from yesterday."""
    for number, length in enumerate(minutes, 1):
        started_at = now - timedelta(days=number)
        ended_at = started_at + length * MINUTE
        appointment = Appointment(
            submission=f"past {number}",
            kiosk_id=1,
            counter_id=1,
            organisation_id=1,
            resident_name="",
            starts_at=started_at,
            ends_at=started_at + 30 * MINUTE,
            state=State.DONE,
            state_since=ended_at,
            created_by_id=1,
            created_at=started_at,
        )
        session.add(appointment)
        session.flush()
        session.add(
            Period(
                appointment_id=appointment.id,
                kind=PeriodKind.IN_CALL,
                started_at=started_at,
                ended_at=ended_at,
            )
        )
    session.flush()


def is_called(appointment):
    return appointment.call_requested_at is not None and not appointment.in_line


def slots_of(session, appointment):
    query = select(KioskSlot).where(KioskSlot.appointment_id == appointment.id)
    return session.scalars(query).all()


@pytest.mark.parametrize(
    ("ahead", "serving", "busy", "minutes"),
    [
        (0, 1, [], 0),
        (0, 1, [7], 7),
        (1, 1, [7], 27),
        (2, 1, [7], 47),
        (0, 2, [7], 0),
        (1, 2, [7], 7),
        (2, 2, [7], 20),
        (3, 2, [7, 12], 32),
        # More calls than counsellors: one of them came by another way.
        (0, 1, [7, 12], 12),
    ],
)
def test_the_wait_is_what_those_before_take_of_those_who_serve(
    ahead, serving, busy, minutes
) -> None:
    left = [each * MINUTE for each in busy]
    assert wait_behind(ahead, 20 * MINUTE, serving, left) == minutes * MINUTE


def test_nothing_is_estimated_from_nothing(session, booked, now) -> None:
    assert place_in_line(session, 1, now) == LinePlace(1, None)
    past_calls(session, now, 20, 30)
    assert place_in_line(session, 1, now) == LinePlace(1, None)


def test_the_usual_call_is_the_median_and_a_try_is_none(session, booked, now) -> None:
    past_calls(session, now, 10, 20, 90, 0.1, 0.2)
    assert usual_call(session, 1, now) == 20 * MINUTE
    assert usual_call(session, 2, now) is None


def test_the_place_counts_those_of_every_relay_of_that_organisation(
    session, booked, now
) -> None:
    past_calls(session, now, 20, 20, 20)
    first = joins(session, now, "1")
    second = joins(session, now + MINUTE, "2", relay="guise")
    joins(session, now, "3", organisation="caf")
    assert place_in_line(session, 1, now, appointment=first).position == 1
    assert place_in_line(session, 1, now, appointment=second).position == 2
    assert place_in_line(session, 1, now).position == 3


def test_hours_that_others_booked_are_part_of_the_wait(session, booked, now) -> None:
    """The kiosk is booked for an hour: nobody gets in between, however short the line."""
    booked(now)
    past_calls(session, now, 20, 20, 20)
    booked(now + 35 * MINUTE, organisation="caf")
    waits = place_in_line(session, 1, now, appointment=joins(session, now, "1")).wait
    assert waits == slot_of(now) + 70 * MINUTE - now


def test_no_counsellor_there_is_no_estimate(session, booked, now) -> None:
    past_calls(session, now, 20, 20, 20)
    session.add(
        Counsellor(
            id=1,
            slug="counsellor-1",
            name="1",
            organisation_id=1,
            softphone=False,
        )
    )
    there = EndpointPresence(
        slug="counsellor-1", kind=EndpointKind.COUNSELLOR, state=Presence.PAUSED
    )
    watch = PresenceWatch(id=1, heard_at=now)
    session.add_all([there, watch])
    session.flush()
    assert place_in_line(session, 1, now).wait is None
    there.state = Presence.READY
    session.flush()
    assert place_in_line(session, 1, now).wait == timedelta(0)


def test_joining_holds_nothing_and_is_done_once(session, now) -> None:
    waits = joins(session, now, "same")
    again = book(session, order_of("same"), now)
    assert (again.appointment, again.was_there) == (waits, True)
    assert (waits.state, waits.in_line) == (State.ARRIVED, True)
    assert slots_of(session, waits) == []


def test_an_unknown_organisation_has_no_line(session, now) -> None:
    with pytest.raises(UnknownOrganisation):
        joins(session, now, "1", organisation="edf")


def test_who_waits_is_called_when_kiosk_and_counter_are_free(
    session, booked, now
) -> None:
    other = booked()
    waits = joins(session, now, "1")
    assert call_from_lines(session, "dispatcher", now) == 0
    acts.cancel(session, other, "user:1", now)
    assert call_from_lines(session, "dispatcher", now) == 1
    assert is_called(waits)
    assert waits.ends_at == slot_of(now) + 30 * MINUTE
    assert len(slots_of(session, waits)) == 30 * MINUTE // SLOT


def test_nobody_is_called_before_one_who_booked_that_hour(session, booked, now) -> None:
    booked(now + 20 * MINUTE)
    waits = joins(session, now, "1")
    assert call_from_lines(session, "dispatcher", now) == 0
    # The hour came, the one who booked it is late: it is still theirs.
    assert call_from_lines(session, "dispatcher", now + 25 * MINUTE) == 0
    assert call_from_lines(session, "dispatcher", now + 60 * MINUTE) == 1
    assert is_called(waits)


def test_two_never_overlap_at_one_kiosk(session, now) -> None:
    first, second = joins(session, now, "1"), joins(session, now, "2")
    assert call_from_lines(session, "dispatcher", now) == 1
    assert is_called(first) and not is_called(second)


def test_the_last_counter_goes_to_who_came_first(session, now) -> None:
    first = joins(session, now, "1", organisation="caf", relay="guise")
    second = joins(session, now + MINUTE, "2", organisation="caf")
    assert call_from_lines(session, "dispatcher", now + 2 * MINUTE) == 1
    assert is_called(first) and not is_called(second)


def test_who_waits_for_a_busy_kiosk_lets_the_next_relay_pass(
    session, booked, now
) -> None:
    booked(organisation="caf")
    first = joins(session, now, "1")
    second = joins(session, now + MINUTE, "2", relay="guise")
    assert call_from_lines(session, "dispatcher", now + 2 * MINUTE) == 1
    assert is_called(second) and not is_called(first)


def test_nobody_is_called_the_next_morning(session, now) -> None:
    joins(session, now, "1")
    assert call_from_lines(session, "dispatcher", now + timedelta(hours=22)) == 0


@pytest.mark.parametrize("state", [State.CANCELLED, State.NO_SHOW])
def test_who_leaves_is_in_no_line(session, now, state) -> None:
    waits = joins(session, now, "1")
    move(session, waits, state, actor="user:1", at=now)
    assert not waits.in_line
    assert place_in_line(session, 1, now).position == 1
    assert call_from_lines(session, "dispatcher", now) == 0


def test_the_secretary_may_call_one_of_the_line_first(session, now) -> None:
    joins(session, now, "1", relay="guise")
    second = joins(session, now, "2")
    acts.call_now(session, second, "user:1", now)
    assert is_called(second) and slots_of(session, second)
