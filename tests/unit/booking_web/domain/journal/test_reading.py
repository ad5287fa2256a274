# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is read from the journal: what changed, what it was before, what came last."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking_web.domain.appointments import acts
from booking_web.domain.journal.entries import write_down
from booking_web.domain.journal.reading import (
    changed_since,
    is_written,
    last_moves,
    last_was,
    moves_of,
)
from booking_web.tables.appointment import Appointment
from booking_web.tables.journal_acts import Act
from booking_web.tables.states import ActReason
from booking_web.tables.states import AppointmentState as State

ACTOR = "user:1"
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
# All others change nothing of what a program is shown.
CHANGES = {
    Act.ANONYMISED,
    Act.BOOKED,
    Act.CALLED_FROM_LINE,
    Act.CALL_REQUESTED,
    Act.HANDOVER_UNDONE,
    Act.INTERPRETER_CHANGED,
    Act.INTERPRETER_GIVEN_UP,
    Act.JOINED_LINE,
    Act.MOVED,
    Act.RESCHEDULED,
}


def written(session, appointment, act, at, detail=""):
    of = appointment.id
    write_down(session, act, actor=ACTOR, at=at, detail=detail, appointment_id=of)
    session.flush()


def ids(session, condition):
    return session.scalars(select(Appointment.id).where(condition)).all()


@pytest.mark.parametrize("act", Act)
def test_what_was_only_looked_at_has_not_changed(session, booked, now, act) -> None:
    appointment = booked(now + HOUR)
    written(session, appointment, act, now + MINUTE)
    changed = ids(session, changed_since(now + MINUTE))
    assert changed == ([appointment.id] if act in CHANGES else [])


def test_a_move_is_read_as_it_was_written(session, booked, now) -> None:
    appointment, untouched = booked(now + HOUR), booked(now + 2 * HOUR)
    acts.mark_arrived(session, appointment, ACTOR, now)
    acts.cancel(session, appointment, ACTOR, now + MINUTE, ActReason.ILLNESS)
    session.flush()
    last = last_moves(session, [appointment.id, untouched.id])
    assert set(last) == {appointment.id}
    move = last[appointment.id]
    assert (move.before, move.after) == (State.ARRIVED, State.CANCELLED)
    assert (move.reason, move.actor, move.at) == ("illness", ACTOR, now + MINUTE)
    assert moves_of(session, appointment)[0] == move
    assert [each.after for each in moves_of(session, appointment)] == [
        State.CANCELLED,
        State.ARRIVED,
    ]


def test_the_last_of_several_acts_counts(session, booked, now) -> None:
    gone, kept, untouched = (booked(now + hours * HOUR) for hours in (1, 2, 3))
    among = (Act.HOURS_WITHDRAWN, Act.KEPT_OUTSIDE_HOURS)
    for appointment in (gone, kept):
        written(session, appointment, Act.HOURS_WITHDRAWN, now)
    written(session, kept, Act.KEPT_OUTSIDE_HOURS, now)
    written(session, gone, Act.VIEWED, now)
    assert ids(session, last_was(Act.HOURS_WITHDRAWN, among=among)) == [gone.id]
    assert untouched.id not in ids(session, last_was(among[1], among=among))


def test_a_line_is_known_by_all_that_it_says(session, booked, now) -> None:
    appointment = booked(now + HOUR)
    written(session, appointment, Act.WIPED, now, "2 files")
    assert is_written(session, Act.WIPED, appointment, "2 files")
    assert not is_written(session, Act.WIPED, appointment, "3 files")
    assert not is_written(session, Act.FETCHED, appointment, "2 files")
