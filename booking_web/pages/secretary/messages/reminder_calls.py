# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whom to remind by telephone: those whom no message reaches."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from booking_web.base.local_time import day_bounds, local_day
from booking_web.base.settings import Settings
from booking_web.domain.journal.addresses import addresses_of, resident_of
from booking_web.domain.journal.telling import tell
from booking_web.domain.residents.register import edit_resident
from booking_web.domain.residents.telephones import readable_telephone
from booking_web.domain.rights.person import Person
from booking_web.tables.appointment import Appointment
from booking_web.tables.journal_acts import Act
from booking_web.tables.messages import (
    CallOutcome,
    Channel,
    Message,
    MessageState,
    ReminderCall,
)
from booking_web.tables.states import AppointmentState
from provisioning.database.models import Kiosk

DAYS_AHEAD = 7


@dataclass(frozen=True, kw_only=True)
class CallRow:
    """One person to call."""

    appointment_id: int
    resident_name: str
    # As it is dialled, and as it is read; empty: not known.
    number: str
    readable_number: str
    # None: nobody is known whose number it would be.
    resident_id: int | None
    organisation: str
    relay: str
    starts_at: datetime
    zone: ZoneInfo
    day: date
    # None: not yet tried.
    outcome: CallOutcome | None
    called_at: datetime | None


def channels_of(settings: Settings) -> frozenset[Channel]:
    """Name the channels on which messages go out at all."""
    channels = set()
    if settings.smtp_host:
        channels.add(Channel.EMAIL)
    if settings.sms_sender:
        channels.add(Channel.SMS)
    return frozenset(channels)


def calls_to_make(
    session: Session, looking: Person, channels: frozenset[Channel], now: datetime
) -> list[CallRow]:
    """List by hour whom to call for appointments from tomorrow on, for a week."""
    rows: list[CallRow] = []
    for relay in looking.relays(session):
        zone = ZoneInfo(relay.time_zone)
        today = local_day(now, zone)
        begins, _ = day_bounds(today + timedelta(days=1), zone)
        _, ends = day_bounds(today + timedelta(days=DAYS_AHEAD), zone)
        appointments = session.scalars(
            looking.appointments()
            .where(
                # The town hall that knows the person calls, wherever the kiosk is.
                looking.keeps_its_resident(),
                Appointment.state == AppointmentState.BOOKED,
                Appointment.starts_at >= begins,
                Appointment.starts_at < ends,
            )
            .options(
                joinedload(Appointment.kiosk).joinedload(Kiosk.relay),
                joinedload(Appointment.organisation),
            )
        )
        for appointment in appointments:
            if not _is_reached(session, appointment, channels):
                rows.append(_row_of(session, appointment))
    return sorted(rows, key=lambda row: (row.starts_at, row.appointment_id))


def _to_remind(session: Session, looking: Person, appointment_id: int) -> Appointment:
    """Give an appointment of somebody whom this person may call; raises NotVisible."""
    return looking.appointment(
        session, appointment_id, to_change=True, of_own_resident=True
    )


def note_call(
    session: Session,
    looking: Person,
    appointment_id: int,
    outcome: CallOutcome | None,
    now: datetime,
) -> None:
    """Note what came of a call; None takes the note back. Twice is the same as once."""
    appointment = _to_remind(session, looking, appointment_id)
    actor = looking.actor
    call = session.get(ReminderCall, (appointment.id, appointment.sequence))
    if outcome is None:
        if call is not None:
            session.delete(call)
            tell(session, Act.REMINDER_CALL_UNDONE, appointment, actor=actor, at=now)
        return
    if call is None:
        call = ReminderCall(
            appointment_id=appointment.id, sequence=appointment.sequence
        )
        session.add(call)
    if call.outcome != outcome:
        call.outcome, call.at, call.user_id = outcome, now, looking.user_id
        tell(
            session,
            Act.REMINDER_CALLED,
            appointment,
            actor=actor,
            at=now,
            detail=str(outcome),
        )


def note_number(
    session: Session, looking: Person, appointment_id: int, number: str, now: datetime
) -> bool:
    """Keep the resident's number (E.164); False where the resident is not known."""
    appointment = _to_remind(session, looking, appointment_id)
    resident = resident_of(session, appointment)
    if resident is None:
        return False
    edit_resident(session, resident, looking.actor, now, telephone=number)
    return True


def _is_reached(
    session: Session, appointment: Appointment, channels: frozenset[Channel]
) -> bool:
    """Tell whether a message reaches the resident: none that failed is counted on."""
    usable = channels & addresses_of(resident_of(session, appointment)).keys()
    if not usable:
        return False
    failed = session.scalars(
        select(Message.channel).where(
            Message.appointment_id == appointment.id,
            Message.sequence == appointment.sequence,
            Message.state == MessageState.GIVEN_UP,
        )
    )
    return bool(usable - {Channel(channel) for channel in failed})


def _row_of(session: Session, appointment: Appointment) -> CallRow:
    zone = ZoneInfo(appointment.kiosk.relay.time_zone)
    resident = resident_of(session, appointment)
    number = resident.telephone if resident else ""
    call = session.get(ReminderCall, (appointment.id, appointment.sequence))
    return CallRow(
        appointment_id=appointment.id,
        resident_name=appointment.resident_name or gettext("(nom effacé)"),
        number=number,
        readable_number=readable_telephone(number),
        resident_id=resident.id if resident else None,
        organisation=appointment.organisation.short_name,
        relay=appointment.kiosk.relay.name,
        starts_at=appointment.starts_at,
        zone=zone,
        day=local_day(appointment.starts_at, zone),
        outcome=CallOutcome(call.outcome) if call else None,
        called_at=call.at if call else None,
    )
