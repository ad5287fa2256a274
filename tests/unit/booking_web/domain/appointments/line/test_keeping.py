# SPDX-License-Identifier: AGPL-3.0-or-later
"""How long a place is kept for one whose call failed, or who has not come."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking_web.base.settings import load_settings
from booking_web.domain.appointments import acts
from booking_web.domain.appointments.asked import asked_for
from booking_web.domain.appointments.empty_chairs import called_in_vain
from booking_web.domain.appointments.lifecycle import move
from booking_web.domain.appointments.line.calling import call_from_lines
from booking_web.domain.appointments.line.estimate import usual_call
from booking_web.domain.appointments.line.joining import join_line
from booking_web.domain.appointments.line.keeping import Keeping, keeping_of, kept_until
from booking_web.domain.places.grid import slot_of
from booking_web.tables.appointment import JournalEntry, KioskSlot
from booking_web.tables.states import AppointmentState as State
from booking_web.tables.states import IllegalMove
from tests.factories.orders import an_order

MINUTE = timedelta(minutes=1)
FAILURES = {
    State.UNREACHABLE: (State.CALLING, State.UNREACHABLE),
    State.ABANDONED: (State.CALLING, State.QUEUED, State.ABANDONED),
    State.INTERRUPTED: (State.CALLING, State.IN_CALL, State.INTERRUPTED),
}


def walks_in(session, now, token="walk-in", organisation="msa"):
    request = an_order(
        token=token, organisation=organisation, resident_name="Mme Petit"
    )
    return join_line(session, request, asked_for(session, request), now)


def goes_through(session, appointment, at, *states):
    appointment.call_requested_at = None
    for state in states:
        move(session, appointment, state, actor="dispatcher", at=at)
        session.flush()


def calls(session, now, keeping=Keeping()):
    return call_from_lines(session, "dispatcher", now, keeping)


def held_by(session, appointment):
    query = select(KioskSlot).where(KioskSlot.appointment_id == appointment.id)
    return session.scalars(query).all()


@pytest.mark.parametrize("state", FAILURES)
def test_a_failed_call_lets_the_line_go_on_after_five_minutes(
    session, booked, now, state
) -> None:
    failed = booked()
    goes_through(session, failed, now, *FAILURES[state])
    waits = walks_in(session, now)
    assert kept_until(failed, Keeping()) == now + 5 * MINUTE
    assert calls(session, now + 4 * MINUTE) == 0
    assert held_by(session, failed)
    assert calls(session, now + 5 * MINUTE) == 1
    assert waits.call_requested_at == now + 5 * MINUTE
    assert held_by(session, failed) == []
    written = select(JournalEntry.appointment_id).where(
        JournalEntry.act == "place_given_up"
    )
    assert session.scalars(written).all() == [failed.id]


def test_no_place_is_kept_beyond_its_own_end(session, booked, now) -> None:
    failed = booked()
    at = failed.ends_at - 2 * MINUTE
    goes_through(session, failed, at, State.CALLING, State.UNREACHABLE)
    assert kept_until(failed, Keeping()) == failed.ends_at


def test_a_failed_call_that_nobody_waits_behind_keeps_its_place(
    session, booked, now
) -> None:
    failed = booked()
    goes_through(session, failed, now, State.CALLING, State.UNREACHABLE)
    assert calls(session, now + 20 * MINUTE) == 0
    assert held_by(session, failed)


def test_calling_again_in_time_keeps_the_place(session, booked, now) -> None:
    failed = booked()
    goes_through(session, failed, now, State.CALLING, State.UNREACHABLE)
    walks_in(session, now)
    acts.call_now(session, failed, "user:1", now + 4 * MINUTE)
    assert calls(session, now + 6 * MINUTE) == 0


def test_the_line_waits_ten_minutes_for_one_who_has_not_come(
    session, booked, now
) -> None:
    start = slot_of(now) + 5 * MINUTE
    late = booked(start)
    waits = walks_in(session, now)
    assert calls(session, start + 9 * MINUTE) == 0
    assert calls(session, start + 10 * MINUTE) == 1
    assert waits.call_requested_at == start + 10 * MINUTE
    assert held_by(session, late) == []


def test_who_has_arrived_loses_no_place_however_long_it_takes(
    session, booked, now
) -> None:
    start = slot_of(now) + 5 * MINUTE
    here = booked(start)
    acts.mark_arrived(session, here, "user:1", start)
    walks_in(session, now)
    assert calls(session, start + 15 * MINUTE) == 0


def test_who_comes_after_the_line_went_on_waits_in_it(session, booked, now) -> None:
    start = slot_of(now) + 5 * MINUTE
    late = booked(start)
    first, second = walks_in(session, now, "1"), walks_in(session, now, "2")
    assert calls(session, start + 10 * MINUTE) == 1
    assert not first.in_line and second.in_line
    acts.mark_arrived(session, late, "user:1", start + 12 * MINUTE)
    assert late.in_line
    goes_through(session, first, start + 20 * MINUTE, State.CALLING, State.IN_CALL)
    goes_through(session, first, start + 20 * MINUTE, State.DONE)
    assert calls(session, start + 20 * MINUTE) == 1
    assert late.in_line and not second.in_line


def test_who_comes_late_and_finds_the_place_free_has_what_is_left_of_it(
    session, booked, now
) -> None:
    start = slot_of(now) + 5 * MINUTE
    late = booked(start)
    acts.mark_arrived(session, late, "user:1", start + 12 * MINUTE)
    assert not late.in_line
    assert held_by(session, late)


def test_a_place_behind_a_call_that_runs_over_is_not_free(session, booked, now) -> None:
    runs_over = booked(organisation="caf")
    goes_through(session, runs_over, now, State.CALLING, State.IN_CALL)
    start = runs_over.ends_at
    booked(start, organisation="caf")
    walks_in(session, now)
    assert calls(session, start + 11 * MINUTE) == 0


def test_a_site_sets_how_long_and_whether_it_calls_at_the_hour(
    session, booked, now
) -> None:
    environment = {
        "GUICHET_DATABASE_URL": "sqlite://",
        "GUICHET_SECRET_KEY": "secret",
        "GUICHET_FAILED_CALL_KEPT_MINUTES": "1",
        "GUICHET_LATE_RESIDENT_KEPT_MINUTES": "2",
    }
    keeping = keeping_of(load_settings(environment=environment))
    assert not keeping.calls_at_the_hour
    start = slot_of(now) + 5 * MINUTE
    late = booked(start)
    walks_in(session, now)
    at_the_hour = keeping_of(
        load_settings(environment=environment | {"GUICHET_CALLS_AT_THE_HOUR": "true"})
    )
    # There the dispatcher calls that one: the hour is theirs.
    assert kept_until(late, at_the_hour) is None
    assert calls(session, start + 15 * MINUTE, at_the_hour) == 0
    assert kept_until(late, keeping) == start + 2 * MINUTE
    assert calls(session, start + 2 * MINUTE, keeping) == 1


def test_an_empty_chair_is_no_show_and_no_call_that_was_done(
    session, booked, now
) -> None:
    absent_before = booked(now + 60 * MINUTE)
    acts.mark_no_show(session, absent_before, "user:1", now)
    chairs = []
    for _ in range(3):
        empty = booked()
        goes_through(session, empty, now, State.CALLING, State.IN_CALL)
        goes_through(session, empty, now + 6 * MINUTE, State.DONE)
        chairs.append(empty)
    later = now + 7 * MINUTE
    assert usual_call(session, 1, later) == 6 * MINUTE
    with pytest.raises(IllegalMove):
        acts.mark_no_show(session, chairs[0], "user:1", now + timedelta(days=2))
    chairs[0].was_useful = True
    for empty in chairs:
        acts.mark_no_show(session, empty, "user:1", later)
    session.flush()
    assert [each.state for each in chairs] == [State.NO_SHOW] * 3
    assert chairs[0].was_useful is None
    assert usual_call(session, 1, later) is None
    told = called_in_vain(session, [absent_before, *chairs])
    assert told == {each.id for each in chairs}
