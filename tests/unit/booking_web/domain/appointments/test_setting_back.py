# SPDX-License-Identifier: AGPL-3.0-or-later
"""What was set by mistake goes back to what it was, and the journal tells of both."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking_web.domain.appointments import acts
from booking_web.domain.appointments.asked import asked_for
from booking_web.domain.appointments.lifecycle import move, move_back
from booking_web.domain.appointments.line.joining import join_line
from booking_web.domain.appointments.setting_back import (
    HourTaken,
    NothingToSetBack,
    mistakes,
    set_back,
)
from booking_web.domain.places.grid import slot_of
from booking_web.tables.appointment import JournalEntry, KioskSlot, Period
from booking_web.tables.messages import Message, MessageKind
from booking_web.tables.states import SET_BACK, IllegalMove
from booking_web.tables.states import AppointmentState as State
from tests.factories.orders import add_resident, an_order

ACTOR = "user:1"
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def goes_through(session, appointment, at, *states, reason=""):
    appointment.call_requested_at = None
    for state in states:
        why = reason if state is states[-1] else ""
        move(session, appointment, state, actor="dispatcher", at=at, reason=why)
        session.flush()


def held_by(session, appointment):
    query = select(KioskSlot).where(KioskSlot.appointment_id == appointment.id)
    return session.scalars(query).all()


def offered(session, appointment, now):
    session.flush()
    found = mistakes(session, [appointment], now).get(appointment.id)
    return found and found.before


def test_an_arrival_that_was_none_leaves_no_trace_in_the_statistics(
    session, booked, now
) -> None:
    appointment = booked(slot_of(now) + HOUR)
    acts.mark_arrived(session, appointment, ACTOR, now)
    assert offered(session, appointment, now) is State.BOOKED
    set_back(session, appointment, State.ARRIVED, ACTOR, now + MINUTE)
    assert appointment.state is State.BOOKED
    assert session.scalars(select(Period)).all() == []
    assert len(held_by(session, appointment)) == 6
    written = session.execute(
        select(JournalEntry.actor, JournalEntry.act, JournalEntry.detail).order_by(
            JournalEntry.id
        )
    ).all()
    assert written[-2:] == [
        (ACTOR, "moved", "arrived -> booked"),
        (ACTOR, "set_back", "arrived"),
    ]
    # Going back is no mistake that goes back again.
    assert offered(session, appointment, now + MINUTE) is None


@pytest.mark.parametrize(
    ("act", "state"),
    [(acts.cancel, State.CANCELLED), (acts.mark_no_show, State.NO_SHOW)],
)
def test_what_was_over_by_mistake_has_its_hour_again(
    session, booked, now, act, state
) -> None:
    appointment = booked(slot_of(now) + HOUR)
    act(session, appointment, ACTOR, now)
    assert held_by(session, appointment) == []
    set_back(session, appointment, state, ACTOR, now + MINUTE)
    assert appointment.state is State.BOOKED
    assert len(held_by(session, appointment)) == 6


def test_an_hour_that_was_given_away_is_not_booked_twice(session, booked, now) -> None:
    appointment = booked(now + HOUR)
    acts.cancel(session, appointment, ACTOR, now)
    booked(now + HOUR)
    with pytest.raises(HourTaken):
        set_back(session, appointment, State.CANCELLED, ACTOR, now + MINUTE)
    assert appointment.state is State.CANCELLED


def test_who_is_there_and_whose_hour_was_given_away_waits_in_the_line(
    session, booked, now
) -> None:
    start = slot_of(now) + 5 * MINUTE
    appointment = booked(start)
    acts.mark_arrived(session, appointment, ACTOR, now)
    acts.mark_no_show(session, appointment, ACTOR, start + MINUTE)
    booked(organisation="caf", now=start + MINUTE)
    set_back(session, appointment, State.NO_SHOW, ACTOR, start + 2 * MINUTE)
    assert (appointment.state, appointment.in_line) == (State.ARRIVED, True)


def test_who_was_said_to_come_late_by_mistake_is_awaited_again(
    session, booked, now
) -> None:
    late = booked(slot_of(now) + 5 * MINUTE)
    at = late.ends_at + MINUTE
    acts.mark_arrived(session, late, ACTOR, at)
    assert late.in_line
    set_back(session, late, State.ARRIVED, ACTOR, at + MINUTE)
    assert (late.state, late.in_line) == (State.BOOKED, False)


def test_who_left_the_line_by_mistake_is_in_it_again(session, now) -> None:
    request = an_order(token="walk-in", resident_name="Mme Petit")
    waits = join_line(session, request, asked_for(session, request), now)
    assert offered(session, waits, now) is None
    acts.cancel(session, waits, ACTOR, now + MINUTE)
    set_back(session, waits, State.CANCELLED, ACTOR, now + 2 * MINUTE)
    assert (waits.state, waits.in_line) == (State.ARRIVED, True)
    assert held_by(session, waits) == []


def test_a_failed_call_that_was_finished_by_mistake_says_again_why_it_failed(
    session, booked, now
) -> None:
    appointment = booked()
    states = (State.CALLING, State.IN_CALL, State.INTERRUPTED)
    goes_through(session, appointment, now, *states, reason="call_broken")
    acts.finish(session, appointment, ACTOR, now + MINUTE)
    set_back(session, appointment, State.DONE, ACTOR, now + 2 * MINUTE)
    assert appointment.state is State.INTERRUPTED
    assert appointment.state_reason == "call_broken"


def test_a_chair_that_was_not_empty_is_a_call_that_was_done(
    session, booked, now
) -> None:
    appointment = booked()
    goes_through(session, appointment, now, State.CALLING, State.IN_CALL, State.DONE)
    assert offered(session, appointment, now) is None
    acts.mark_no_show(session, appointment, ACTOR, now + MINUTE)
    set_back(session, appointment, State.NO_SHOW, ACTOR, now + 2 * MINUTE)
    assert appointment.state is State.DONE


def test_who_came_without_an_appointment_was_there(session, booked, now) -> None:
    appointment = booked()
    appointment.call_requested_at = None
    assert offered(session, appointment, now) is None


def test_yesterdays_acts_stand(session, booked, now) -> None:
    appointment = booked(now + 48 * HOUR)
    acts.cancel(session, appointment, ACTOR, now)
    assert offered(session, appointment, now + 24 * HOUR) is None
    with pytest.raises(NothingToSetBack):
        set_back(session, appointment, State.CANCELLED, ACTOR, now + 24 * HOUR)


def test_a_page_that_is_old_sets_nothing_back(session, booked, now) -> None:
    appointment = booked(now + HOUR)
    acts.mark_arrived(session, appointment, ACTOR, now)
    acts.cancel(session, appointment, ACTOR, now)
    with pytest.raises(NothingToSetBack):
        set_back(session, appointment, State.ARRIVED, ACTOR, now)
    assert appointment.state is State.CANCELLED


def test_no_other_act_leads_back(session, booked, now) -> None:
    appointment = booked(now + HOUR)
    acts.cancel(session, appointment, ACTOR, now)
    with pytest.raises(IllegalMove):
        acts.mark_arrived(session, appointment, ACTOR, now)
    assert State.CALLING not in SET_BACK
    running = booked(now + 3 * HOUR)
    with pytest.raises(IllegalMove):
        move_back(session, running, State.DONE, actor=ACTOR, at=now)


def test_a_resident_who_was_told_of_the_cancellation_is_told_again(
    session, booked, now
) -> None:
    appointment = booked(now + HOUR)
    resident = add_resident(
        session, now, name="M. Dupont", telephone="", email="dupont@example.org"
    )
    appointment.resident_id = resident.id
    acts.cancel(session, appointment, ACTOR, now)
    set_back(session, appointment, State.CANCELLED, ACTOR, now + MINUTE)
    told = session.execute(
        select(Message.kind, Message.sequence).order_by(Message.sequence)
    ).all()
    assert told == [(MessageKind.CANCELLED, 1), (MessageKind.BOOKED, 2)]
    assert appointment.sequence == 2
