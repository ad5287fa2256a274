# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a secretary may do to an appointment, and when not."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from booking_web.domain.appointments import acts
from booking_web.domain.appointments.lifecycle import move
from booking_web.domain.appointments.refusals import (
    NothingToBook,
    PlaceTaken,
    TooEarly,
    TooLate,
)
from booking_web.domain.appointments.rules import Hours
from booking_web.domain.places.choosing import Place
from booking_web.domain.places.find_place import find_place
from booking_web.domain.places.grid import slot_of, slots_touched
from booking_web.domain.places.next_start import next_start
from booking_web.tables.appointment import (
    CounterSlot,
    JournalEntry,
    KioskSlot,
    LiveEvent,
)
from booking_web.tables.hours import Opening
from booking_web.tables.states import ActReason, IllegalMove
from booking_web.tables.states import AppointmentState as State
from provisioning.database.models import Kiosk

ACTOR = "user:1"
HOUR = timedelta(hours=1)
TO_THE_CALL = (State.CALLING, State.QUEUED, State.IN_CALL)


def moved(session, appointment, now, *states):
    for state in states:
        move(session, appointment, state, actor="dispatcher", at=now)
        session.flush()
    return appointment


def failed(session, appointment, now, state=State.UNREACHABLE):
    appointment.call_requested_at = None
    return moved(session, appointment, now, State.CALLING, state)


def next_hour(session, appointment, after, now):
    return next_start(
        session,
        organisation_id=appointment.organisation_id,
        relay_id=appointment.kiosk.relay_id,
        length=acts.length_when_moved(session, appointment),
        after=after,
        now=now,
        besides=appointment.id,
    )


def kiosk_slots(session, appointment):
    return sorted(
        session.scalars(
            select(KioskSlot.starts_at).where(
                KioskSlot.appointment_id == appointment.id
            )
        )
    )


@pytest.mark.parametrize("act", [acts.cancel, acts.mark_no_show])
def test_who_does_not_come_gives_kiosk_and_counter_back(
    session, booked, now, act
) -> None:
    appointment = booked(now + HOUR)
    act(session, appointment, ACTOR, now)
    assert kiosk_slots(session, appointment) == []
    assert session.scalars(select(CounterSlot)).all() == []
    booked(now + HOUR)


def test_arriving_early_does_not_call(session, booked, now) -> None:
    appointment = booked(now + HOUR)
    acts.mark_arrived(session, appointment, ACTOR, now)
    assert appointment.state is State.ARRIVED
    assert appointment.call_requested_at is None


def test_calling_before_the_hour_moves_the_hour_to_now(session, booked, now) -> None:
    appointment = booked(now + 3 * HOUR)
    acts.call_now(session, appointment, ACTOR, now)
    assert appointment.state is State.ARRIVED
    assert appointment.call_requested_at == now
    assert appointment.starts_at == now
    session.flush()
    assert kiosk_slots(session, appointment) == slots_touched(now, appointment.ends_at)


def test_a_call_is_as_long_as_the_next_appointment_allows(session, booked, now) -> None:
    early = booked(now + 3 * HOUR)
    soon = slot_of(now) + timedelta(minutes=15)
    booked(soon)
    acts.call_now(session, early, ACTOR, now)
    assert early.ends_at == soon


@pytest.mark.parametrize("state", [State.UNREACHABLE, State.INTERRUPTED])
def test_calling_again_holds_the_kiosk_from_now_on(session, booked, now, state) -> None:
    appointment = failed(session, booked(), now, state)
    later = now + 2 * HOUR
    acts.call_now(session, appointment, ACTOR, later)
    session.flush()
    assert appointment.state is State.ARRIVED
    assert appointment.call_requested_at == later
    assert kiosk_slots(session, appointment)[0] == slot_of(later)
    assert appointment.starts_at == now


def test_calling_again_when_the_kiosk_was_taken_says_until_when(
    session, booked, now
) -> None:
    appointment = failed(session, booked(), now)
    later = slot_of(now) + HOUR
    booked(later, organisation="caf", now=later)
    with pytest.raises(acts.KioskTaken) as refused:
        acts.call_now(session, appointment, ACTOR, later + timedelta(minutes=1))
    assert refused.value.until == later + timedelta(minutes=30)
    assert appointment.state is State.UNREACHABLE


def test_calling_again_takes_another_counter_where_the_first_is_taken(
    session, booked, now
) -> None:
    appointment = failed(session, booked(), now)
    later = slot_of(now) + HOUR
    other = booked(later, relay="guise", now=later)
    assert other.counter_id == appointment.counter_id
    acts.call_now(session, appointment, ACTOR, later)
    assert appointment.counter_id != other.counter_id


def test_calling_again_without_a_free_counter_is_said_so(session, booked, now) -> None:
    appointment = failed(session, booked(organisation="caf"), now)
    later = slot_of(now) + HOUR
    booked(later, relay="guise", organisation="caf", now=later)
    with pytest.raises(acts.CountersTaken):
        acts.call_now(session, appointment, ACTOR, later)


def test_a_second_click_asks_for_no_second_call(session, booked, now) -> None:
    appointment = booked()
    events = len(session.scalars(select(LiveEvent)).all())
    acts.call_now(session, appointment, ACTOR, now + timedelta(seconds=1))
    assert appointment.call_requested_at == now
    assert len(session.scalars(select(LiveEvent)).all()) == events


@pytest.mark.parametrize("state", TO_THE_CALL)
def test_hanging_up_is_asked_for_once_while_the_line_is_up(
    session, booked, now, state
) -> None:
    steps = TO_THE_CALL[: TO_THE_CALL.index(state) + 1]
    appointment = moved(session, booked(), now, *steps)
    for second in range(2):
        at = now + timedelta(seconds=second)
        acts.request_hang_up(session, appointment, ACTOR, at)
    assert appointment.hangup_requested_at == now
    assert appointment.state is state
    session.flush()
    requests = session.scalars(
        select(JournalEntry).where(JournalEntry.act == "hang_up_requested")
    ).all()
    assert [entry.appointment_id for entry in requests] == [appointment.id]


@pytest.mark.parametrize(
    "act", [acts.call_now, acts.cancel, acts.mark_no_show, acts.finish]
)
def test_an_appointment_in_call_is_left_alone(session, booked, now, act) -> None:
    appointment = moved(session, booked(), now, *TO_THE_CALL)
    with pytest.raises(IllegalMove) as refused:
        act(session, appointment, ACTOR, now)
    assert refused.value.before is State.IN_CALL
    assert appointment.state is State.IN_CALL


def test_a_broken_call_can_be_closed(session, booked, now) -> None:
    appointment = moved(
        session, booked(), now, State.CALLING, State.QUEUED, State.INTERRUPTED
    )
    acts.finish(session, appointment, ACTOR, now)
    assert appointment.state is State.DONE


def counter_slots(session, appointment):
    return sorted(
        session.scalars(
            select(CounterSlot.starts_at).where(
                CounterSlot.appointment_id == appointment.id
            )
        )
    )


def test_a_cancel_keeps_its_reason_and_is_a_change_of_the_calendar(
    session, booked, now
) -> None:
    appointment = booked(now + HOUR)
    acts.cancel(session, appointment, ACTOR, now, ActReason.ILLNESS)
    assert appointment.state_reason == "illness"
    assert appointment.sequence == 1
    assert journal(session)[-1] == ("moved", "booked -> cancelled illness")


def test_a_reason_that_is_none_of_the_list_is_refused(session, booked, now) -> None:
    appointment = booked(now + HOUR)
    for act in (acts.cancel, acts.mark_no_show):
        with pytest.raises(ValueError):
            act(session, appointment, ACTOR, now, "a resident's own words")
    assert appointment.state == State.BOOKED


def test_a_moved_appointment_holds_its_new_hour_alone(session, booked, now) -> None:
    appointment = booked(now + HOUR)
    later = now + 2 * HOUR
    acts.reschedule(
        session,
        appointment,
        starts_at=later,
        actor=ACTOR,
        now=now,
        reason="illness",
        hours=Hours.AGREED,
    )
    expected = slots_touched(later, later + timedelta(minutes=30))
    assert appointment.starts_at == later
    assert kiosk_slots(session, appointment) == expected
    assert counter_slots(session, appointment) == expected
    assert appointment.sequence == 1
    act, detail = journal(session)[-1]
    assert act == "rescheduled"
    assert detail.endswith(" illness") and later.isoformat() in detail


def test_an_appointment_can_be_moved_by_less_than_its_length(
    session, booked, now
) -> None:
    appointment = booked(now + HOUR)
    starts_at = now + HOUR + timedelta(minutes=10)
    acts.reschedule(
        session,
        appointment,
        starts_at=starts_at,
        actor=ACTOR,
        now=now,
        hours=Hours.AGREED,
    )
    assert kiosk_slots(session, appointment)[0] == slot_of(starts_at)


def test_moving_to_another_relay_tells_both(session, booked, now) -> None:
    appointment = booked(now + HOUR)
    acts.reschedule(
        session,
        appointment,
        starts_at=now + HOUR,
        relay_id=2,
        actor=ACTOR,
        now=now,
        hours=Hours.AGREED,
    )
    assert appointment.kiosk.slug == "kiosk-guise"
    told = session.scalars(select(LiveEvent.kiosk_id).order_by(LiveEvent.id)).all()
    assert told[-2:] == [1, 2]


def test_moving_onto_another_appointment_says_the_next_free_hour(
    session, booked, now
) -> None:
    appointment = booked(now + HOUR)
    other = booked(now + 2 * HOUR, organisation="caf")
    held = kiosk_slots(session, appointment)
    with pytest.raises(PlaceTaken) as refused:
        acts.reschedule(
            session,
            appointment,
            starts_at=other.starts_at,
            actor=ACTOR,
            now=now,
            hours=Hours.AGREED,
        )
    assert refused.value.taken == "kiosk"
    following = slot_of(other.ends_at) + timedelta(minutes=5)
    assert next_hour(session, appointment, other.starts_at, now) == following
    assert kiosk_slots(session, appointment) == held
    assert appointment.sequence == 0


def test_a_move_to_a_relay_without_kiosk_says_that_there_is_none(
    session, booked, now
) -> None:
    appointment = booked(now + HOUR)
    session.execute(delete(Kiosk).where(Kiosk.relay_id == 2))
    with pytest.raises(NothingToBook) as refused:
        acts.reschedule(
            session,
            appointment,
            starts_at=now + 2 * HOUR,
            relay_id=2,
            actor=ACTOR,
            now=now,
            hours=Hours.AGREED,
        )
    assert refused.value.missing == "kiosk"


def test_the_hour_proposed_for_a_move_lies_within_the_published_hours(
    session, booked, now
) -> None:
    afternoon = Opening(
        counter_id=1,
        first_day=now.date(),
        weekdays=0b1111111,
        every_weeks=1,
        opens_minute=14 * 60,
        closes_minute=16 * 60,
    )
    session.add(afternoon)
    appointment = booked(now + HOUR)
    other = booked(now + 2 * HOUR, organisation="caf")
    with pytest.raises(PlaceTaken):
        acts.reschedule(
            session,
            appointment,
            starts_at=other.starts_at,
            actor=ACTOR,
            now=now,
            hours=Hours.AGREED,
        )
    # Two in the afternoon in Paris, though the kiosk is free at half past twelve.
    following = now.replace(hour=13, minute=0)
    assert next_hour(session, appointment, other.starts_at, now) == following


@pytest.mark.parametrize(
    ("preferred", "counter_id"), [((), 2), ((1,), 1), ((3, 2, 1), 2), ((3,), 2)]
)
def test_a_preferred_counter_is_moved_to_the_present_one_first(
    session, booked, now, preferred, counter_id
) -> None:
    booked(now + HOUR, relay="guise")
    appointment = booked(now + HOUR)
    assert appointment.counter_id == 2
    starts_at = now + 3 * HOUR
    place = find_place(
        session,
        relay_id=1,
        organisation_id=1,
        starts_at=starts_at,
        ends_at=starts_at + HOUR,
        now=now,
        preferred_counter_ids=preferred,
        moved=appointment,
    )
    assert place == Place(starts_at, kiosk_id=1, counter_id=counter_id)


def test_nothing_is_moved_into_the_past_or_beyond_a_year(session, booked, now) -> None:
    appointment = booked(now + HOUR)
    for starts_at, error in (
        (now - HOUR, TooEarly),
        (now + timedelta(days=367), TooLate),
    ):
        with pytest.raises(error):
            acts.reschedule(
                session,
                appointment,
                starts_at=starts_at,
                actor=ACTOR,
                now=now,
                hours=Hours.AGREED,
            )


@pytest.mark.parametrize(
    "state", [State.UNREACHABLE, State.INTERRUPTED], ids=lambda each: str(each)
)
def test_who_could_not_be_called_is_booked_for_another_day_at_full_length(
    session, booked, now, state
) -> None:
    appointment = failed(session, booked(), now, state)
    tomorrow = now + timedelta(days=1)
    acts.reschedule(
        session,
        appointment,
        starts_at=tomorrow,
        actor=ACTOR,
        now=now,
        hours=Hours.AGREED,
    )
    assert appointment.state == State.BOOKED
    assert appointment.call_requested_at is None
    assert appointment.ends_at - appointment.starts_at == timedelta(minutes=30)


@pytest.mark.parametrize("state", [State.CANCELLED, State.NO_SHOW])
def test_what_is_over_is_not_moved(session, booked, now, state) -> None:
    appointment = moved(session, booked(now + HOUR), now, state)
    with pytest.raises(IllegalMove):
        acts.reschedule(
            session,
            appointment,
            starts_at=now + 2 * HOUR,
            actor=ACTOR,
            now=now,
            hours=Hours.AGREED,
        )


def test_whether_it_was_useful_is_noted_after_the_call_and_can_be_changed(
    session, booked, now
) -> None:
    appointment = booked()
    with pytest.raises(IllegalMove):
        acts.note_usefulness(session, appointment, True, ACTOR, now)
    moved(session, appointment, now, *TO_THE_CALL, State.DONE)
    for answer in (True, True, False, None):
        acts.note_usefulness(session, appointment, answer, ACTOR, now)
    assert appointment.was_useful is None
    noted = [detail for act, detail in journal(session) if act == "usefulness_noted"]
    assert noted == ["yes", "no", "not asked"]


def journal(session):
    session.flush()
    rows = session.execute(
        select(JournalEntry.act, JournalEntry.detail).order_by(JournalEntry.id)
    )
    return [(row.act, row.detail) for row in rows]
