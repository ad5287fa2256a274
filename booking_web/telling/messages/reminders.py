# SPDX-License-Identifier: AGPL-3.0-or-later
"""Queues the reminders of appointments that are near, and forgets old messages."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from booking_web.domain.journal.telling import remind
from booking_web.domain.rights.restriction import (
    is_of_unrestricted,
    is_unrestricted,
)
from booking_web.tables.appointment import Appointment
from booking_web.tables.document_mails import DocumentMail
from booking_web.tables.documents import Document
from booking_web.tables.messages import Message, MessageKind, ReminderCall
from booking_web.tables.states import AppointmentState

REMIND_BEFORE = timedelta(hours=48)
# Long enough to answer "did you write to me?".
KEEP_AFTER = timedelta(days=60)


def queue_reminders(session: Session, now: datetime) -> int:
    """Queue a reminder per channel for each appointment that begins within 48 hours.

    Run it as often as you like, on as many machines: the outbox takes each once. Whoever
    was told of the hour later than 48 hours before it needs no reminder.
    """
    near = session.scalars(
        select(Appointment).where(
            Appointment.state == AppointmentState.BOOKED,
            Appointment.starts_at > now,
            Appointment.starts_at <= now + REMIND_BEFORE,
            Appointment.resident_id.is_not(None),
            is_unrestricted(Appointment.resident_id),
        )
    ).all()
    return sum(
        remind(session, appointment, now)
        for appointment in near
        if _told_at(session, appointment) <= appointment.starts_at - REMIND_BEFORE
    )


def forget_old(session: Session, now: datetime) -> int:
    """Remove the messages and calls of appointments long over; count the messages."""
    over = select(Appointment.id).where(
        Appointment.ends_at < now - KEEP_AFTER,
        is_unrestricted(Appointment.resident_id),
    )
    session.execute(delete(ReminderCall).where(ReminderCall.appointment_id.in_(over)))
    session.execute(
        delete(DocumentMail).where(
            DocumentMail.created_at < now - KEEP_AFTER,
            DocumentMail.document_id.in_(
                select(Document.id).where(is_of_unrestricted(Document.appointment_id))
            ),
        )
    )
    gone = session.scalars(
        delete(Message).where(Message.appointment_id.in_(over)).returning(Message.id)
    )
    return len(gone.all())


def _told_at(session: Session, appointment: Appointment) -> datetime:
    """Tell when the resident learnt of the present hour."""
    moved = session.scalar(
        select(func.max(Message.created_at)).where(
            Message.appointment_id == appointment.id,
            Message.sequence == appointment.sequence,
            Message.kind == MessageKind.RESCHEDULED,
        )
    )
    return moved or appointment.created_at
