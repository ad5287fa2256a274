# SPDX-License-Identifier: AGPL-3.0-or-later
"""Puts a resident who came without an appointment into an organisation's line."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.appointments.booking import (
    Booking,
    BookingRequest,
    NothingToBook,
    UnknownOrganisation,
    UnknownRelay,
    made_before,
)
from booking_web.domain.appointments.lifecycle import move
from booking_web.domain.journal.telling import tell
from booking_web.domain.places.choosing import Side
from booking_web.tables.appointment import Appointment, Resident
from booking_web.tables.journal_acts import Act
from booking_web.tables.states import AppointmentState
from provisioning.database.models import Counter, Kiosk, Organisation, Relay, User


def join_line(session: Session, request: BookingRequest, now: datetime) -> Booking:
    """Have the resident wait; kiosk and counter are chosen when they are called.

    Holds no slot, and so refuses nobody: raises only UnknownRelay, UnknownOrganisation and
    NothingToBook. An identical submission gives the place that is there already.
    """
    if (made := made_before(session, request)) is not None:
        return Booking(made, was_there=True)
    organisation = session.scalar(
        select(Organisation).where(Organisation.slug == request.organisation)
    )
    if organisation is None:
        raise UnknownOrganisation
    length = timedelta(minutes=request.minutes or organisation.appointment_minutes)
    appointment = Appointment(
        submission=request.submission,
        kiosk_id=_any_kiosk(session, request.relay),
        counter_id=_any_counter(session, organisation.id),
        organisation_id=organisation.id,
        resident_id=request.resident_id,
        resident_name=request.resident_name,
        visit_reason_id=request.visit_reason_id,
        source=request.source,
        reason=request.reason,
        starts_at=now,
        ends_at=now + length,
        state=AppointmentState.BOOKED,
        state_since=now,
        in_line=True,
        created_by_id=request.user_id,
        town_hall_id=session.scalar(
            select(User.relay_id).where(User.id == request.user_id)
        ),
        created_at=now,
    )
    session.add(appointment)
    session.flush()
    if request.resident_id is not None:
        resident = session.get_one(Resident, request.resident_id)
        resident.seen_at = max(resident.seen_at, now)
    actor = request.actor
    tell(session, Act.JOINED_LINE, appointment, actor=actor, at=now)
    session.flush()
    move(session, appointment, AppointmentState.ARRIVED, actor=actor, at=now)
    session.flush()
    return Booking(appointment, was_there=False)


def _any_kiosk(session: Session, relay_slug: str) -> int:
    relay = session.scalar(select(Relay).where(Relay.slug == relay_slug))
    if relay is None:
        raise UnknownRelay
    kiosk_id = session.scalar(
        select(Kiosk.id).where(Kiosk.relay_id == relay.id).order_by(Kiosk.id).limit(1)
    )
    if kiosk_id is None:
        raise NothingToBook(Side.KIOSK)
    return kiosk_id


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
