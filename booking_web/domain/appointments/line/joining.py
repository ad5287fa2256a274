# SPDX-License-Identifier: AGPL-3.0-or-later
"""Puts a resident who came without an appointment into an organisation's line."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.appointments.asked import AskedFor, new_appointment
from booking_web.domain.appointments.lifecycle import move
from booking_web.domain.appointments.orders import BookingOrder
from booking_web.domain.appointments.refusals import NothingToBook, PlaceTaken
from booking_web.domain.journal.telling import tell
from booking_web.domain.places.choosing import Side
from booking_web.tables.appointment import Appointment, Resident
from booking_web.tables.journal_acts import Act
from booking_web.tables.states import AppointmentState
from provisioning.database.models import Counter, Kiosk


def join_line(
    session: Session, order: BookingOrder, asked: AskedFor, now: datetime
) -> Appointment:
    """Have the resident wait; kiosk and counter are chosen when they are called.

    Holds no slot, and so refuses nobody: raises only NothingToBook. `booking.book` calls it.
    """
    appointment = new_appointment(
        order,
        asked,
        now,
        kiosk_id=_any_kiosk(session, asked.relay_id),
        counter_id=_any_counter(session, asked.organisation_id),
        starts_at=now,
        ends_at=now + asked.length,
        interpreter_counter_id=_interpreter(session, asked),
        in_line=True,
    )
    session.add(appointment)
    session.flush()
    if order.resident_id is not None:
        resident = session.get_one(Resident, order.resident_id)
        resident.seen_at = max(resident.seen_at, now)
    actor = order.actor
    tell(session, Act.JOINED_LINE, appointment, actor=actor, at=now)
    session.flush()
    move(session, appointment, AppointmentState.ARRIVED, actor=actor, at=now)
    session.flush()
    return appointment


def _any_kiosk(session: Session, relay_id: int) -> int:
    kiosk_id = session.scalar(
        select(Kiosk.id).where(Kiosk.relay_id == relay_id).order_by(Kiosk.id).limit(1)
    )
    if kiosk_id is None:
        raise NothingToBook(Side.KIOSK)
    return kiosk_id


def _interpreter(session: Session, asked: AskedFor) -> int | None:
    if asked.interpreter_id is None:
        return None
    try:
        return _any_counter(session, asked.interpreter_id)
    except NothingToBook as error:
        raise PlaceTaken(Side.INTERPRETER) from error


def _any_counter(session: Session, organisation_id: int) -> int:
    counter_id = session.scalar(
        select(Counter.id)
        .where(Counter.organisation_id == organisation_id)
        .order_by(Counter.id)
        .limit(1)
    )
    if counter_id is None:
        raise NothingToBook(Side.COUNTER)
    return counter_id
