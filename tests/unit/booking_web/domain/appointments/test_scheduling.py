# SPDX-License-Identifier: AGPL-3.0-or-later
"""Booking: who gets which kiosk and counter, and what is said when there is none."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from booking_web.domain.appointments.booking import book
from booking_web.domain.appointments.orders import BookingOrder
from booking_web.domain.appointments.refusals import (
    NothingToBook,
    PlaceTaken,
    TooEarly,
    TooLate,
    UnknownOrganisation,
    UnknownRelay,
)
from booking_web.domain.appointments.rules import Hours
from booking_web.domain.places.grid import slots_touched
from booking_web.domain.places.next_start import next_start
from booking_web.tables.appointment import (
    Appointment,
    CounterSlot,
    JournalEntry,
    KioskSlot,
    LiveEvent,
    Period,
)
from booking_web.tables.states import AppointmentState
from provisioning.database.models import Counter, Kiosk

HALF_HOUR = timedelta(minutes=30)


def held_slots(session, appointment):
    kiosk = select(KioskSlot.starts_at).where(
        KioskSlot.appointment_id == appointment.id
    )
    counter = select(CounterSlot.starts_at).where(
        CounterSlot.appointment_id == appointment.id
    )
    return sorted(session.scalars(kiosk)), sorted(session.scalars(counter))


def next_hour(session, after, now, organisation, relay=1):
    return next_start(
        session,
        organisation_id=organisation,
        relay_id=relay,
        length=HALF_HOUR,
        after=after,
        now=now,
    )


def test_an_appointment_holds_its_kiosk_and_counter(session, booked, now) -> None:
    start = now + timedelta(hours=2)
    appointment = booked(start)
    slots = slots_touched(start, start + HALF_HOUR)
    assert len(slots) == 7  # From 12:02 to 12:32: it touches seven.
    assert held_slots(session, appointment) == (slots, slots)
    assert appointment.state is AppointmentState.BOOKED
    assert appointment.call_requested_at is None


def test_a_walk_in_is_seen_booked_then_arrived_and_asks_for_its_call(
    session, booked, now
) -> None:
    appointment = booked()
    events = session.scalars(select(LiveEvent).order_by(LiveEvent.id)).all()
    assert [event.state for event in events] == ["booked", "arrived"]
    assert appointment.call_requested_at == now
    assert appointment.starts_at == now
    # It ends with its sixth slot and leaves the half hour after to others.
    assert appointment.ends_at == now - timedelta(minutes=2) + HALF_HOUR
    periods = session.scalars(select(Period)).all()
    assert [(each.kind, each.started_at, each.ended_at) for each in periods] == [
        ("waiting", now, None)
    ]
    acts = session.scalars(select(JournalEntry).order_by(JournalEntry.id)).all()
    assert [(each.act, each.actor) for each in acts] == [
        ("booked", "user:1"),
        ("moved", "user:1"),
    ]


def test_the_journal_names_nobody(session, booked) -> None:
    booked()
    for entry in session.scalars(select(JournalEntry)):
        assert "Dupont" not in f"{entry.actor} {entry.act} {entry.detail}"


def test_a_taken_kiosk_is_refused_with_the_next_free_hour(session, booked, now) -> None:
    start = now.replace(minute=0) + timedelta(hours=1)
    booked(start)
    with pytest.raises(PlaceTaken) as refused:
        booked(start + timedelta(minutes=10), organisation="caf")
    assert refused.value.taken == "kiosk"
    assert (
        next_hour(session, start + timedelta(minutes=10), now, organisation=2)
        == start + HALF_HOUR
    )


def test_another_free_counter_of_the_organisation_is_taken(booked, now) -> None:
    start = now + timedelta(hours=1)
    first = booked(start)
    second = booked(start, relay="guise")
    assert {first.counter_id, second.counter_id} == {1, 2}


def test_all_counters_taken_is_refused_with_the_next_free_hour(
    session, booked, now
) -> None:
    start = now.replace(minute=0) + timedelta(hours=1)
    booked(start, organisation="caf")
    with pytest.raises(PlaceTaken) as refused:
        booked(start, organisation="caf", relay="guise")
    assert refused.value.taken == "counter"
    assert next_hour(session, start, now, organisation=2, relay=2) == start + HALF_HOUR


def test_who_comes_while_a_call_runs_over_waits_in_the_line(
    session, booked, now
) -> None:
    talkative = booked(now - timedelta(minutes=2), now=now)
    talkative.state = AppointmentState.IN_CALL
    session.flush()
    after_its_end = talkative.ends_at + timedelta(minutes=4)
    waits = booked(organisation="caf", now=after_its_end)
    assert (waits.state, waits.in_line) == (AppointmentState.ARRIVED, True)
    assert waits.call_requested_at is None
    assert held_slots(session, waits) == ([], [])


def test_a_call_that_runs_over_keeps_its_kiosk(session, booked, now) -> None:
    talkative = booked(now - timedelta(minutes=2), now=now)
    talkative.state = AppointmentState.IN_CALL
    session.flush()
    after_its_end = talkative.ends_at + timedelta(minutes=4)
    with pytest.raises(PlaceTaken) as refused:
        booked(after_its_end, organisation="caf", now=after_its_end)
    assert refused.value.taken == "kiosk"


def test_a_second_kiosk_of_the_relay_is_taken(session, booked, now) -> None:
    session.add(Kiosk(id=9, slug="kiosk-2", relay_id=1, token_digest="digest-9"))
    session.flush()
    start = now + timedelta(hours=1)
    kiosks = {booked(start).kiosk_id, booked(start).kiosk_id}
    assert kiosks == {1, 9}


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"organisation": "nasa"}, UnknownOrganisation),
        ({"relay": "moon"}, UnknownRelay),
        ({"starts_at": timedelta(minutes=-3)}, TooEarly),
        ({"starts_at": timedelta(days=-400)}, TooEarly),
        ({"starts_at": timedelta(days=367)}, TooLate),
    ],
)
def test_what_cannot_be_booked_is_refused_and_leaves_nothing(
    session, now, change, error
) -> None:
    asked = {
        "token": "form",
        "user_id": 1,
        "relay": "wassigny",
        "organisation": "msa",
        "resident_name": "M. Dupont",
        "hours": Hours.AGREED,
        "starts_at": timedelta(hours=1),
    } | change
    request = BookingOrder(**asked | {"starts_at": now + asked["starts_at"]})
    with pytest.raises(error):
        book(session, request, now)
    assert session.scalars(select(Appointment)).all() == []


def test_the_hour_that_has_just_struck_is_not_past(booked, now) -> None:
    struck = now - timedelta(minutes=2)
    assert booked(struck).starts_at == struck


def test_an_organisation_without_counter_is_said_so(session, booked) -> None:
    session.execute(delete(Counter))
    with pytest.raises(NothingToBook) as refused:
        booked()
    assert refused.value.missing == "counter"


def test_the_same_form_twice_is_one_appointment(session, now) -> None:
    request = BookingOrder(
        token="form",
        user_id=1,
        relay="wassigny",
        organisation="msa",
        resident_name="M. Dupont",
        starts_at=None,
        hours=Hours.AGREED,
    )
    first = book(session, request, now)
    again = book(session, request, now + timedelta(minutes=1))
    assert (first.was_there, again.was_there) == (False, True)
    assert first.appointment.id == again.appointment.id


def test_a_form_corrected_after_back_is_another_appointment(session, now) -> None:
    asked = {
        "token": "form",
        "user_id": 1,
        "relay": "wassigny",
        "organisation": "msa",
        "hours": Hours.AGREED,
    }
    first = BookingOrder(
        **asked, resident_name="M. Dupont", starts_at=now + timedelta(hours=1)
    )
    other = BookingOrder(
        **asked, resident_name="M. Durand", starts_at=now + timedelta(hours=3)
    )
    ids = {book(session, request, now).appointment.id for request in (first, other)}
    assert len(ids) == 2
