# SPDX-License-Identifier: AGPL-3.0-or-later
"""Puts messages into the outbox, in the transaction of the act that they tell of."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from booking_web.domain.journal.addresses import addresses_of, resident_of
from booking_web.domain.rights.restriction import is_restricted
from booking_web.tables.appointment import Appointment
from booking_web.tables.messages import Message, MessageKind, MessageState
from booking_web.tables.states import AppointmentSource


def queue_messages(
    session: Session, appointment: Appointment, kind: MessageKind, now: datetime
) -> int:
    """Queue one message per channel on which the resident has an address; count the new.

    Safe to call again for the same change: the same message is never queued twice. Nothing
    is queued for an appointment that has begun, such as a walk-in, nor to confirm one that
    was made elsewhere: whoever made it has said so. Nobody writes to who is restricted.
    """
    is_import = appointment.source == AppointmentSource.IMPORT
    if appointment.starts_at <= now or (is_import and kind is MessageKind.BOOKED):
        return 0
    channels = addresses_of(resident_of(session, appointment))
    # Most have no address: nothing more is asked for them.
    if not channels or is_restricted(session, appointment.resident_id):
        return 0
    queued = 0
    for channel in channels:
        is_sqlite = session.get_bind().dialect.name == "sqlite"
        insert = sqlite_insert if is_sqlite else postgresql_insert
        statement = (
            insert(Message)
            .values(
                appointment_id=appointment.id,
                kind=kind,
                channel=channel,
                sequence=appointment.sequence,
                state=MessageState.WAITING,
                attempts=0,
                next_attempt_at=now,
                reason="",
                created_at=now,
                state_since=now,
            )
            .on_conflict_do_nothing()
            .returning(Message.id)
        )
        queued += session.scalar(statement) is not None
    return queued
