# SPDX-License-Identifier: AGPL-3.0-or-later
"""Has a kiosk at which nobody is served read the text aloud, to one resident at a time."""

from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from booking_web.domain.journal.telling import tell
from booking_web.tables.appointment import Appointment
from booking_web.tables.consents import ConsentReading
from booking_web.tables.journal_acts import Act
from booking_web.tables.states import ON_THE_LINE, AppointmentState

# To hear it, to think, and to say yes or no.
READING_LASTS = timedelta(minutes=3)
TO_COME = (AppointmentState.BOOKED, AppointmentState.ARRIVED)


class NotReadNow(Exception):
    """Somebody is served there or is being read to, or the appointment's call was made."""


def read_aloud(
    session: Session, appointment: Appointment, actor: str, now: datetime
) -> None:
    """Have the appointment's kiosk show the text and speak it, once more where it did.

    Raises NotReadNow.
    """
    going_on = reading_at(session, appointment.kiosk_id, now)
    is_others = going_on is not None and going_on.appointment_id != appointment.id
    is_late = appointment.state not in TO_COME
    if is_late or is_others or _is_served(session, appointment.kiosk_id):
        raise NotReadNow
    row = session.get(ConsentReading, appointment.id)
    if row is None:
        row = ConsentReading(appointment_id=appointment.id, asked_at=now)
        session.add(row)
    row.asked_at = now
    tell(session, Act.CONSENT_READ_ALOUD, appointment, actor=actor, at=now)


def reading_at(session: Session, kiosk_id: int, now: datetime) -> ConsentReading | None:
    """Give the reading that goes on at the kiosk."""
    query = (
        select(ConsentReading)
        .join(Appointment, Appointment.id == ConsentReading.appointment_id)
        .where(
            Appointment.kiosk_id == kiosk_id,
            Appointment.state.in_(TO_COME),
            ConsentReading.asked_at > now - READING_LASTS,
        )
        .order_by(ConsentReading.asked_at.desc())
        .limit(1)
    )
    return session.scalar(query)


def _is_served(session: Session, kiosk_id: int) -> bool:
    is_called = (Appointment.state == AppointmentState.ARRIVED) & (
        Appointment.call_requested_at.is_not(None)
    )
    query = select(Appointment.id).where(
        Appointment.kiosk_id == kiosk_id,
        or_(Appointment.state.in_(ON_THE_LINE), is_called),
    )
    return session.scalar(query.limit(1)) is not None
