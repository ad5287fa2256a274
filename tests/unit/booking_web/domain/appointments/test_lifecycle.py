# SPDX-License-Identifier: AGPL-3.0-or-later
"""The life cycle: which moves there are, and what each one writes down."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking_web.domain.appointments.lifecycle import move
from booking_web.tables.appointment import JournalEntry, KioskSlot, LiveEvent, Period
from booking_web.tables.states import (
    CALLABLE_AGAIN,
    MOVES,
    ON_THE_LINE,
    OVER,
    IllegalMove,
    can_move,
)
from booking_web.tables.states import AppointmentState as State

GOOD_STORY = (State.ARRIVED, State.CALLING, State.QUEUED, State.IN_CALL, State.DONE)


def test_the_good_story_is_a_chain_of_moves() -> None:
    for before, after in zip((State.BOOKED, *GOOD_STORY), GOOD_STORY, strict=False):
        assert can_move(before, after)


def test_what_is_over_stays_so_and_what_failed_can_be_called_again() -> None:
    assert set(MOVES) == set(State)
    # Only that a call was made to an empty chair is found out after its end.
    after = {state: MOVES[state] for state in OVER if MOVES[state]}
    assert after == {State.DONE: {State.NO_SHOW}}
    assert all(MOVES[state] for state in State if state not in OVER)
    for state in CALLABLE_AGAIN:
        assert can_move(state, State.ARRIVED)
        assert not any(can_move(state, on_line) for on_line in ON_THE_LINE)


def test_every_stretch_is_a_period_and_none_stays_open(session, booked, now) -> None:
    appointment = booked(now + timedelta(hours=1))
    for minutes, state in enumerate(GOOD_STORY):
        at = now + timedelta(minutes=minutes)
        move(session, appointment, state, actor="dispatcher", at=at)
        session.flush()
    periods = session.scalars(select(Period).order_by(Period.id)).all()
    assert [
        (each.kind, each.started_at - now, each.ended_at - now) for each in periods
    ] == [
        (kind, timedelta(minutes=number), timedelta(minutes=number + 1))
        for number, kind in enumerate(("waiting", "ringing", "queued", "in_call"))
    ]


def test_each_move_is_told_with_its_state_and_written_down(
    session, booked, now
) -> None:
    appointment = booked()
    move(session, appointment, State.CALLING, actor="dispatcher", at=now)
    session.flush()
    move(
        session,
        appointment,
        State.UNREACHABLE,
        actor="dispatcher",
        at=now,
        reason="kiosk_offline",
    )
    session.flush()
    told = session.scalars(select(LiveEvent.state).order_by(LiveEvent.id)).all()
    assert told == ["booked", "arrived", "calling", "unreachable"]
    written = session.scalars(select(JournalEntry.detail).order_by(JournalEntry.id))
    assert written.all()[-2:] == [
        "arrived -> calling",
        "calling -> unreachable kiosk_offline",
    ]
    assert appointment.state_reason == "kiosk_offline"


def test_a_failed_call_keeps_its_slots_and_an_ended_one_gives_them_back(
    session, booked, now
) -> None:
    appointment = booked()
    for state in (State.CALLING, State.QUEUED, State.INTERRUPTED):
        move(session, appointment, state, actor="dispatcher", at=now)
        session.flush()
    assert session.scalars(select(KioskSlot)).all()
    move(session, appointment, State.DONE, actor="dispatcher", at=now)
    assert session.scalars(select(KioskSlot)).all() == []


def test_an_illegal_move_changes_nothing(session, booked, now) -> None:
    appointment = booked()
    with pytest.raises(IllegalMove, match="cannot go from arrived to done"):
        move(session, appointment, State.DONE, actor="dispatcher", at=now)
    assert appointment.state == State.ARRIVED
