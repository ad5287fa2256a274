# SPDX-License-Identifier: AGPL-3.0-or-later
"""The outbox as a secretary sees it, and "try again"."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import LazyString, gettext
from sqlalchemy import case, select
from sqlalchemy.orm import Session, joinedload

from booking_web.domain.journal.telling import tell
from booking_web.domain.rights.person import Person
from booking_web.tables.appointment import Appointment
from booking_web.tables.journal_acts import Act
from booking_web.tables.messages import (
    Channel,
    Message,
    MessageKind,
    MessageState,
    Trouble,
)
from booking_web.words.appointments import StateWording
from booking_web.words.messages import CHANNELS, KINDS, STATES, trouble_sentence
from provisioning.database.models import Kiosk

SHOWN_FOR = timedelta(days=30)
MOST_SHOWN = 200


@dataclass(frozen=True, kw_only=True)
class MessageRow:
    """One line of the page."""

    id: int
    resident_name: str
    organisation: str
    starts_at: datetime
    zone: ZoneInfo
    kind: LazyString
    channel: LazyString
    wording: StateWording
    state_since: datetime
    reason: LazyString | str
    attempts: int
    # None: it is not tried again by itself.
    next_attempt_at: datetime | None
    can_retry: bool


def rows_of(session: Session, looking: Person, now: datetime) -> list[MessageRow]:
    """List what was to be sent lately, failures first, then what waits, then the newest."""
    mine = looking.appointments().with_only_columns(Appointment.id)
    urgency = case(
        (Message.state == MessageState.GIVEN_UP, 0),
        (Message.state == MessageState.WAITING, 1),
        else_=2,
    )
    found = session.scalars(
        select(Message)
        .where(Message.appointment_id.in_(mine), Message.created_at > now - SHOWN_FOR)
        .options(
            joinedload(Message.appointment).options(
                joinedload(Appointment.kiosk).joinedload(Kiosk.relay),
                joinedload(Appointment.organisation),
            )
        )
        .order_by(urgency, Message.state_since.desc(), Message.id.desc())
        .limit(MOST_SHOWN)
    )
    return [_row_of(message) for message in found]


def retry(
    session: Session, looking: Person, message_id: int, now: datetime
) -> MessageState | None:
    """Have the message tried again at once; gives its former state, None if not there.

    One that was sent stays sent.
    """
    message = session.get(Message, message_id)
    if message is None:
        return None
    appointment = looking.appointment(session, message.appointment_id)
    before = MessageState(message.state)
    if _can_retry(message):
        message.state = MessageState.WAITING
        message.state_since = now
        message.next_attempt_at = now
        message.attempts = 0
        message.reason = ""
        actor = looking.actor
        tell(session, Act.MESSAGE_RETRIED, appointment, actor=actor, at=now)
    return before


def _can_retry(message: Message) -> bool:
    return (
        message.state == MessageState.GIVEN_UP
        or message.reason in (Trouble.CHANNEL_OFF, Trouble.ADDRESS_GONE)
        or (message.state == MessageState.WAITING and bool(message.reason))
    )


def _row_of(message: Message) -> MessageRow:
    appointment = message.appointment
    is_waiting = message.state == MessageState.WAITING
    return MessageRow(
        id=message.id,
        resident_name=appointment.resident_name or gettext("(nom effacé)"),
        organisation=appointment.organisation.short_name,
        starts_at=appointment.starts_at,
        zone=ZoneInfo(appointment.kiosk.relay.time_zone),
        kind=KINDS[MessageKind(message.kind)],
        channel=CHANNELS[Channel(message.channel)],
        wording=STATES[MessageState(message.state)],
        state_since=message.state_since,
        reason=trouble_sentence(message.reason),
        attempts=message.attempts,
        next_attempt_at=message.next_attempt_at if is_waiting else None,
        can_retry=_can_retry(message),
    )
