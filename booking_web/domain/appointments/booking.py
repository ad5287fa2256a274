# SPDX-License-Identifier: AGPL-3.0-or-later
"""Books appointments: a kiosk and a counter held for the same stretch of time.

Every door comes here with a BookingOrder: the desk's form, a resident who is there, the waiting
list's offer, an import and the public API. Works in the caller's writing transaction (see
`transactions`), so that it can be run again after a conflict. What may be done to an appointment
later is in `acts`.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.base.plain_inserts import insert_kept
from booking_web.domain.appointments.asked import (
    AskedFor,
    asked_for,
    made_before,
    new_appointment,
    relay_named,
)
from booking_web.domain.appointments.discretion import choose_discretion
from booking_web.domain.appointments.kiosk_language import choose_language
from booking_web.domain.appointments.lifecycle import move
from booking_web.domain.appointments.line.joining import join_line
from booking_web.domain.appointments.orders import BookingOrder
from booking_web.domain.appointments.refusals import place_or_refusal
from booking_web.domain.appointments.rules import Stretch, counters_to_take
from booking_web.domain.appointments.twins import ask_of_twin
from booking_web.domain.journal.addresses import resident_of
from booking_web.domain.journal.telling import tell
from booking_web.domain.kiosks.watch import kiosks_switched_off
from booking_web.domain.places.choosing import Place, Side, Taken
from booking_web.domain.places.find_place import find_place
from booking_web.domain.places.grid import slot_of, slots_touched
from booking_web.domain.places.held_slots import hold
from booking_web.domain.places.search import open_now
from booking_web.domain.residents.identifying import (
    is_about,
    keep_particulars,
    person_meant,
)
from booking_web.domain.residents.postal import put_into
from booking_web.tables.appointment import Appointment, Resident
from booking_web.tables.journal_acts import Act
from booking_web.tables.postal_address import AppointmentAddress
from booking_web.tables.states import AppointmentState
from provisioning.database.models import Kiosk


@dataclass(frozen=True)
class Booking:
    """The appointment that answers an order; who came is called, or waits `in_line`."""

    appointment: Appointment
    # True where an earlier, identical submission had made it.
    was_there: bool
    asked: AskedFor
    # Whether a counter publishes this hour; None: not asked, or the organisation has no hours.
    is_open: bool | None = None


def book(session: Session, order: BookingOrder, now: datetime) -> Booking:
    """Book the appointment, or give the one that this submission made before.

    Raises a BookingError, or AskWho where only a person can tell who comes, or AskTwice where
    one can tell whether a second one is meant. One asked for now is arrived and requests its
    call at once; where the kiosk is off, or kiosk or counters are taken, the resident waits in
    the organisation's line.
    """
    # Nothing that is read here depends on what waits to be written.
    with session.no_autoflush:
        asked = asked_for(session, order)
        if (made := made_before(session, order, asked)) is not None:
            home_id = _home_of(session, order, asked)
            _keep_what_was_corrected(session, order, made, home_id, now)
            return Booking(made, True, asked)
        return _book_first(session, order, asked, now)


def _book_first(
    session: Session, order: BookingOrder, asked: AskedFor, now: datetime
) -> Booking:
    home_id = _home_of(session, order, asked)
    counter_ids = _counters_to_take(session, order, asked, home_id, now)
    is_open = bool(counter_ids) if asked.has_hours else None
    known, written = _who_comes(session, order, home_id, now)
    # Who was not known until now has no other appointment.
    if written is None:
        ask_of_twin(session, known, asked, now)
    if order.starts_at is None and _is_kiosk_off(session, asked, now):
        return Booking(join_line(session, known, asked, now), False, asked, is_open)
    starts_at = order.starts_at or now
    # A walk-in ends with its last slot, so that it never spills into one more.
    ends_at = (order.starts_at or slot_of(now)) + asked.length
    found = find_place(
        session,
        relay_id=asked.relay_id,
        organisation_id=asked.organisation_id,
        starts_at=starts_at,
        ends_at=ends_at,
        now=now,
        preferred_counter_ids=counter_ids,
        interpreter_id=asked.interpreter_id,
    )
    if isinstance(found, Taken) and not found.is_missing:
        # On PostgreSQL the twin of a double click may have committed since the first look.
        if (made := made_before(session, order, asked)) is not None:
            if written is not None:
                session.delete(written)
            return Booking(made, True, asked, is_open)
        # Of an interpreter nobody knows when one is free: that is asked for an hour.
        if order.starts_at is None and found.by is not Side.INTERPRETER:
            return Booking(join_line(session, known, asked, now), False, asked, is_open)
    place = place_or_refusal(found)
    appointment = _write(session, known, asked, place, ends_at, now)
    return Booking(appointment, False, asked, is_open)


def _write(
    session: Session,
    order: BookingOrder,
    asked: AskedFor,
    place: Place,
    ends_at: datetime,
    now: datetime,
) -> Appointment:
    starts_at, actor = place.starts_at, order.actor
    appointment = new_appointment(
        order,
        asked,
        now,
        kiosk_id=place.kiosk_id,
        counter_id=place.counter_id,
        interpreter_counter_id=place.interpreter_counter_id,
        starts_at=starts_at,
        ends_at=ends_at,
    )
    insert_kept(session, appointment)
    if order.resident_id is not None:
        resident = session.get_one(Resident, order.resident_id)
        # Who was written down for this very hour is not written again.
        if resident.seen_at < starts_at:
            resident.seen_at = starts_at
    if order.address.is_told:
        address = AppointmentAddress(appointment_id=appointment.id)
        put_into(address, order.address)
        session.add(address)
    hold(session, appointment, slots_touched(starts_at, ends_at))
    tell(session, Act.BOOKED, appointment, actor=actor, at=now)
    if order.starts_at is None:
        session.flush()
        appointment.call_requested_at = now
        move(session, appointment, AppointmentState.ARRIVED, actor=actor, at=now)
    session.flush()
    return appointment


def _home_of(session: Session, order: BookingOrder, asked: AskedFor) -> int:
    if order.home_relay in (None, order.relay):
        return asked.relay_id
    return relay_named(session, order.home_relay or "").id


def _counters_to_take(
    session: Session,
    order: BookingOrder,
    asked: AskedFor,
    home_id: int,
    now: datetime,
) -> list[int]:
    """Hold the order to the rules and give the counters that are to be taken first."""
    if order.starts_at is None:
        if not asked.has_hours:
            return []
        return open_now(session, asked.organisation_id, asked.relay_id, now)
    stretch = Stretch(
        relay_id=asked.relay_id,
        organisation_id=asked.organisation_id,
        starts_at=order.starts_at,
        length=asked.length,
        home_relay_id=home_id,
        has_hours=asked.has_hours,
        interpreter_id=asked.interpreter_id,
    )
    return counters_to_take(session, stretch, order.hours, now)


def _who_comes(
    session: Session, order: BookingOrder, home_id: int, now: datetime
) -> tuple[BookingOrder, Resident | None]:
    """Give the order with the resident's number, and whom it had to write down, if anybody."""
    if order.particulars is None:
        return order, None
    person = person_meant(
        session,
        order.resident_name,
        order.particulars,
        home_id,
        order.user_id,
        now,
        comes_at=order.starts_at,
    )
    known = replace(order, resident_id=person.resident.id)
    return known, person.resident if person.is_new else None


def _keep_what_was_corrected(
    session: Session,
    order: BookingOrder,
    made: Appointment,
    home_id: int,
    now: datetime,
) -> None:
    """Keep what was told of the resident after "back", in the page that had booked."""
    if not order.is_keyed:
        choose_language(session, made, order.language, order.actor, now)
        choose_discretion(session, made, order.discreet, order.actor, now)
    told, resident = order.particulars, resident_of(session, made)
    if told is None or resident is None or resident.relay_id != home_id:
        return
    if is_about(told, resident):
        keep_particulars(session, resident, told, order.user_id, now)


def _is_kiosk_off(session: Session, asked: AskedFor, now: datetime) -> bool:
    """Tell whether nobody can be called now; who waits is called once it is on."""
    kiosk_ids = session.scalars(
        select(Kiosk.id).where(Kiosk.relay_id == asked.relay_id)
    ).all()
    return bool(kiosks_switched_off(session, kiosk_ids, now))
