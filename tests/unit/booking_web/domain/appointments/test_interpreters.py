# SPDX-License-Identifier: AGPL-3.0-or-later
"""An interpreter is booked beside an organisation, and called into its appointment's call."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.appointments import acts
from booking_web.domain.appointments.booking import book
from booking_web.domain.appointments.interpreters.calls import (
    NoInterpreterToCall,
    NoInterpreterToSendAway,
    call_again,
    call_ended,
    call_going_on,
    interpreter_came,
    last_call,
    send_away,
)
from booking_web.domain.appointments.interpreters.services import (
    interpreting_organisations,
)
from booking_web.domain.appointments.lifecycle import move
from booking_web.domain.appointments.line.calling import call_from_lines
from booking_web.domain.appointments.moving import reschedule
from booking_web.domain.appointments.refusals import (
    NotForResidents,
    PlaceTaken,
    UnknownInterpreter,
)
from booking_web.domain.appointments.rules import Hours
from booking_web.domain.appointments.setting_back import HourTaken, set_back
from booking_web.domain.places.choosing import Side
from booking_web.domain.places.grid import slot_of
from booking_web.domain.places.next_start import next_start
from booking_web.domain.places.search import SlotSearch, WhyNoSlot, find_slots
from booking_web.domain.waiting.acts import add_entry, take_offer
from booking_web.domain.waiting.offers import offers_at
from booking_web.tables.appointment import Appointment, CounterSlot, Period, Resident
from booking_web.tables.hours import Opening, RelayRules
from booking_web.tables.interpreters import InterpreterState
from booking_web.tables.states import AppointmentState as State
from provisioning.database.models import Counsellor, Counter, Organisation
from tests.factories.orders import an_order

HALF_HOUR = timedelta(minutes=30)
HOUR = timedelta(hours=1)
LSF, LSF_COUNTER = 7, 70
ACTOR = "user:1"


@pytest.fixture(autouse=True)
def interpreters(session: Session) -> None:
    """Give a service of sign language with one counter and one interpreter."""
    session.add(
        Organisation(
            id=LSF, slug="lsf", name="LSF", short_name="LSF", interprets="sign"
        )
    )
    session.flush()
    session.add_all(
        [
            Counter(id=LSF_COUNTER, slug="lsf-1", name="1", organisation_id=LSF),
            Counsellor(slug="counsellor-lsf-1", name="C. Roy", organisation_id=LSF),
        ]
    )
    session.flush()


def ordered(
    session: Session, now: datetime, starts_at: datetime | None, **values: object
) -> Appointment:
    token = f"form-{session.query(Appointment).count()}"
    usual = {"token": token, "starts_at": starts_at, "interpreter": "lsf"}
    return book(session, an_order(**usual | values), now).appointment


def held(session: Session, counter_id: int) -> list[datetime]:
    found = select(CounterSlot.starts_at).where(CounterSlot.counter_id == counter_id)
    return sorted(session.scalars(found))


def in_call(session: Session, now: datetime) -> Appointment:
    appointment = ordered(session, now, slot_of(now) + HOUR)
    for state in (State.ARRIVED, State.CALLING, State.QUEUED, State.IN_CALL):
        move(session, appointment, state, actor="dispatcher", at=now)
    session.flush()
    return appointment


def test_an_interpreter_is_held_for_the_whole_appointment(session, now) -> None:
    start = slot_of(now) + HOUR
    appointment = ordered(session, now, start)
    assert appointment.interpreter is not None
    assert appointment.interpreter.slug == "lsf"
    assert held(session, LSF_COUNTER) == [
        start + timedelta(minutes=5 * n) for n in range(6)
    ]


def test_an_interpreter_is_never_in_two_appointments_at_once(session, now) -> None:
    start = slot_of(now) + HOUR
    ordered(session, now, start)
    with pytest.raises(PlaceTaken) as refused:
        ordered(session, now, start, relay="guise", organisation="caf")
    assert refused.value.taken is Side.INTERPRETER
    # Without one, the same hour is to be had.
    other = ordered(
        session, now, start, relay="guise", organisation="caf", interpreter=None
    )
    assert other.interpreter is None


def test_a_cancelled_appointment_gives_its_interpreter_back(session, now) -> None:
    start = slot_of(now) + HOUR
    first = ordered(session, now, start)
    acts.cancel(session, first, ACTOR, now)
    assert held(session, LSF_COUNTER) == []
    ordered(session, now, start, relay="guise")
    # And so a cancellation by mistake cannot be taken back any more.
    with pytest.raises(HourTaken):
        set_back(session, first, State.CANCELLED, ACTOR, now)


def test_a_cancellation_by_mistake_holds_the_interpreter_again(session, now) -> None:
    first = ordered(session, now, slot_of(now) + HOUR)
    before = held(session, LSF_COUNTER)
    acts.cancel(session, first, ACTOR, now)
    set_back(session, first, State.CANCELLED, ACTOR, now)
    assert held(session, LSF_COUNTER) == before


def test_a_moved_appointment_keeps_an_interpreter_or_is_not_moved(session, now) -> None:
    start = slot_of(now) + HOUR
    first = ordered(session, now, start)
    ordered(session, now, start + HOUR, relay="guise")
    moved = {"hours": Hours.AGREED, "actor": ACTOR, "now": now}
    with pytest.raises(PlaceTaken) as refused:
        reschedule(session, first, starts_at=start + HOUR, **moved)
    assert refused.value.taken is Side.INTERPRETER
    # Its own hour does not stand in its way.
    reschedule(session, first, starts_at=start + HALF_HOUR / 2, **moved)
    assert first.interpreter_counter_id == LSF_COUNTER
    assert min(held(session, LSF_COUNTER)) == start + HALF_HOUR / 2
    assert len(held(session, LSF_COUNTER)) == 12


def test_only_who_interprets_is_taken_for_an_interpreter(session, now) -> None:
    start = slot_of(now) + HOUR
    for slug in ("caf", "nobody"):
        with pytest.raises(UnknownInterpreter):
            ordered(session, now, start, interpreter=slug)
    with pytest.raises(NotForResidents):
        ordered(session, now, start, organisation="lsf", interpreter=None)
    assert [each.slug for each in interpreting_organisations(session)] == ["lsf"]


def test_a_form_corrected_after_back_books_the_interpreter_too(session, now) -> None:
    start = slot_of(now) + HOUR
    without = ordered(session, now, start, token="page", interpreter=None)
    again = ordered(session, now, start + HOUR, token="page", interpreter=None)
    with_one = ordered(session, now, start + 2 * HOUR, token="page")
    twice = ordered(session, now, start + 2 * HOUR, token="page")
    assert len({without.id, again.id, with_one.id}) == 3
    assert twice.id == with_one.id


def test_who_comes_now_has_a_free_interpreter_or_is_told(session, now) -> None:
    appointment = ordered(session, now, None)
    assert appointment.state == State.ARRIVED
    assert held(session, LSF_COUNTER) != []
    with pytest.raises(PlaceTaken) as refused:
        ordered(session, now, None, relay="guise")
    assert refused.value.taken is Side.INTERPRETER


def test_who_waits_in_the_line_is_called_with_the_interpreter(session, now) -> None:
    first = ordered(session, now, None, interpreter=None)
    waits = ordered(session, now, None)
    assert waits.in_line and held(session, LSF_COUNTER) == []
    assert waits.interpreter_counter_id == LSF_COUNTER
    acts.cancel(session, first, ACTOR, now)
    session.flush()
    assert call_from_lines(session, "dispatcher", now) == 1
    assert held(session, LSF_COUNTER) != []


def opening(counter_id: int, opens: int, closes: int) -> Opening:
    return Opening(
        counter_id=counter_id,
        first_day=date(2026, 1, 1),
        weekdays=127,
        every_weeks=1,
        opens_minute=opens * 60,
        closes_minute=closes * 60,
    )


def offered(session: Session, now: datetime, **values: object) -> list[str]:
    usual = {
        "organisation_id": 1,
        "relay_ids": [1],
        "length": HALF_HOUR,
        "after": now,
        "limit": 4,
        "interpreter_id": LSF,
    }
    found = find_slots(session, SlotSearch(**usual | values), now)  # type: ignore[arg-type]
    return [f"{slot.starts_at:%d %H:%M}" for slot in found.slots]


def test_hours_are_offered_at_which_both_are_open_and_free(session, now) -> None:
    # In Paris from 8 to 18 and from 14 to 15:30; the search is in UTC.
    session.add_all([opening(1, 8, 18), opening(LSF_COUNTER, 14, 16)])
    session.flush()
    assert offered(session, now) == ["24 13:00", "24 13:30", "24 14:00", "24 14:30"]
    start = now.replace(hour=13, minute=30)
    booked = ordered(session, now, start, relay="guise", organisation="caf")
    assert offered(session, now, limit=3) == ["24 13:00", "24 14:00", "24 14:30"]
    # To one that is moved its own hour is offered.
    assert "24 13:30" in offered(session, now, besides=booked.id)
    # What is offered is booked as such; what is not, is refused with the true cause.
    hours = {"hours": Hours.OFFERED}
    assert ordered(session, now, start + HALF_HOUR, **hours).interpreter is not None
    with pytest.raises(PlaceTaken) as refused:
        ordered(session, now, now.replace(hour=16, minute=0), **hours)
    assert refused.value.taken is Side.INTERPRETER


def test_interpreters_without_published_hours_come_whenever_one_is_free(
    session, now
) -> None:
    session.add(opening(1, 8, 12))
    session.flush()
    with_one = offered(session, now)
    assert with_one == offered(session, now, interpreter_id=None)
    ordered(session, now, now.replace(hour=9, minute=30), relay="guise")
    assert offered(session, now)[0] == "24 10:00"


def test_where_no_interpreter_is_free_the_search_says_so(session, now) -> None:
    session.add_all([opening(1, 8, 12), opening(LSF_COUNTER, 14, 16)])
    session.add(RelayRules(organisation_id=LSF, relay_id=2, is_served=False))
    session.flush()
    asked = SlotSearch(
        organisation_id=1,
        relay_ids=[1],
        length=HALF_HOUR,
        after=now,
        interpreter_id=LSF,
    )
    found = find_slots(session, asked, now)
    assert (found.slots, found.why) == ([], WhyNoSlot.NO_INTERPRETER)


def test_the_hour_that_is_proposed_is_one_of_both(session, now) -> None:
    session.add(opening(LSF_COUNTER, 15, 16))
    session.flush()
    asked = {
        "organisation_id": 1,
        "relay_id": 1,
        "length": HALF_HOUR,
        "after": now,
        "now": now,
        "interpreter_id": LSF,
    }
    # The MSA publishes nothing: its usual hours, and those of the interpreters.
    assert next_start(session, **asked) == now.replace(hour=14, minute=0)
    session.add(opening(1, 8, 18))
    session.flush()
    assert next_start(session, **asked) == now.replace(hour=14, minute=0)


def test_who_waits_for_an_hour_is_offered_one_with_the_interpreter(
    session, now
) -> None:
    session.add_all([opening(1, 8, 18), opening(LSF_COUNTER, 14, 16)])
    resident = Resident(
        relay_id=1,
        name="M. Dupont",
        search_key="dupont",
        created_at=now,
        created_by_id=1,
        seen_at=now,
    )
    session.add(resident)
    session.flush()
    entry = add_entry(
        session,
        relay_id=1,
        organisation_id=1,
        visit_reason_id=None,
        resident_id=resident.id,
        language="fr",
        interpreter_id=LSF,
        until=None,
        user_id=1,
        now=now,
    )
    session.flush()
    (offer,) = offers_at(session, [1], now)
    assert offer.slot.starts_at == now.replace(hour=13, minute=0)
    made = take_offer(session, entry, offer.slot.starts_at, 1, now)
    assert made.interpreter_counter_id == LSF_COUNTER


def test_the_interpreter_is_called_when_the_counsellor_is_there(session, now) -> None:
    appointment = in_call(session, now)
    call = call_going_on(session, appointment.id)
    assert call is not None
    assert (call.state, call.organisation_id, call.placed_at) == ("asked", LSF, None)
    without = ordered(session, now, None, relay="guise", interpreter=None)
    for state in (State.CALLING, State.QUEUED, State.IN_CALL):
        move(session, without, state, actor="dispatcher", at=now)
    assert last_call(session, without.id) is None


def test_the_interpreters_coming_and_leaving_moves_nothing_of_the_appointment(
    session, now
) -> None:
    appointment = in_call(session, now)
    call = call_going_on(session, appointment.id)
    call.placed_at = now
    interpreter_came(session, call, "counsellor-lsf-1", "dispatcher", now)
    session.flush()
    assert call.interpreter.name == "C. Roy"
    call_ended(session, call, "dispatcher", now)
    session.flush()
    assert (call.state, call.ended_at) == ("left", now)
    assert (appointment.state, appointment.counsellor_id) == ("in_call", None)
    kinds = session.scalars(select(Period.kind).order_by(Period.id)).all()
    assert kinds == ["waiting", "ringing", "queued", "in_call"]


@pytest.mark.parametrize(
    ("took", "reason"), [(True, "no_answer"), (False, "kiosk_refused")]
)
def test_it_is_told_why_nobody_interprets(session, now, took, reason) -> None:
    appointment = in_call(session, now)
    call = call_going_on(session, appointment.id)
    call.placed_at, call.taken_at = now, now if took else None
    call_ended(session, call, "dispatcher", now)
    session.flush()
    assert (call.state, call.reason) == ("nobody", reason)


def test_the_interpreter_is_called_again_once_and_only_when_none_is_there(
    session, now
) -> None:
    appointment = in_call(session, now)
    with pytest.raises(NoInterpreterToCall):
        call_again(session, appointment, ACTOR, now)
    first = call_going_on(session, appointment.id)
    first.placed_at = now
    call_ended(session, first, "dispatcher", now)
    call_again(session, appointment, ACTOR, now)
    session.flush()
    with pytest.raises(NoInterpreterToCall):
        call_again(session, appointment, ACTOR, now)
    second = call_going_on(session, appointment.id)
    assert second.id != first.id and second.state == InterpreterState.ASKED


def test_nobody_is_called_where_nobody_was_booked_or_no_call_is_up(
    session, now
) -> None:
    waits = ordered(session, now, slot_of(now) + HOUR)
    without = ordered(
        session, now, slot_of(now) + HOUR, relay="guise", interpreter=None
    )
    without.state = State.IN_CALL
    for appointment in (waits, without):
        with pytest.raises(NoInterpreterToCall):
            call_again(session, appointment, ACTOR, now)
        with pytest.raises(NoInterpreterToSendAway):
            send_away(session, appointment, ACTOR, now)
    without.state = State.CANCELLED


def test_the_end_of_the_call_ends_the_interpreters(session, now) -> None:
    appointment = in_call(session, now)
    call = call_going_on(session, appointment.id)
    call.placed_at = now
    move(session, appointment, State.DONE, actor="dispatcher", at=now)
    session.flush()
    assert (call.state, call.end_requested_at) == ("asked", now)
    call_ended(session, call, "dispatcher", now)
    session.flush()
    # Nobody is said not to have answered.
    assert (call.state, call.reason) == ("left", "")


def test_what_was_not_placed_yet_is_not_placed_after_the_call(session, now) -> None:
    appointment = in_call(session, now)
    call = call_going_on(session, appointment.id)
    move(session, appointment, State.INTERRUPTED, actor="dispatcher", at=now)
    session.flush()
    assert (call.state, call.ended_at) == ("left", now)


def test_a_call_that_broke_is_made_again_with_an_interpreter_of_its_own(
    session, now
) -> None:
    appointment = in_call(session, now)
    former = call_going_on(session, appointment.id)
    former.placed_at = now
    for state in (
        State.INTERRUPTED,
        State.ARRIVED,
        State.CALLING,
        State.QUEUED,
        State.IN_CALL,
    ):
        move(session, appointment, state, actor="dispatcher", at=now)
    session.flush()
    # Asterisk was not heard of the former one yet: it is given up all the same.
    assert former.state == InterpreterState.LEFT
    again = call_going_on(session, appointment.id)
    assert again.id != former.id and again.placed_at is None
