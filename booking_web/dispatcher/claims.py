# SPDX-License-Identifier: AGPL-3.0-or-later
"""Chooses the appointments to call now and marks them as being called.

All of it is one write transaction, committed before anything rings: whoever committed is
the one who places the call, and a dispatcher that dies in between rings nobody twice.
"""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from booking_web.dispatcher.call_id import queue_call
from booking_web.dispatcher.facts import ACTOR
from booking_web.dispatcher.reasons import Reason
from booking_web.lifecycle import move
from booking_web.models import Appointment
from booking_web.states import ON_THE_LINE, AppointmentState
from provisioning.models import Kiosk, Organisation, Relay

_S = AppointmentState
_WAITING = (_S.BOOKED, _S.ARRIVED)
# Small enough that the first of a burst rings while the rest is still being claimed.
BATCH = 20


@dataclass(frozen=True)
class Claim:
    """An appointment that is now `calling`, and all that its call needs."""

    appointment_id: int
    call: str
    kiosk: str
    relay_name: str
    resident_name: str = field(repr=False)
    organisation: str
    organisation_name: str
    queue_seconds: int


@dataclass(frozen=True)
class Hangup:
    """A call whose end a page asked for."""

    appointment_id: int
    call: str


@dataclass(frozen=True)
class Work:
    """What is to be done now, and when the next appointment is due."""

    claims: list[Claim]
    hangups: list[Hangup]
    next_due_at: datetime | None
    is_more: bool


def take_work(session: Session, now: datetime) -> Work:
    """Claim what is due or asked for, at most one appointment per kiosk.

    Call it in a write transaction. Two dispatchers on PostgreSQL skip each other's rows;
    what slips through (they chose two appointments of one kiosk) is an IntegrityError of
    `uq_appointment_kiosk_on_the_line`, after which the loser asks again.
    """
    claims: list[Claim] = []
    rows = session.execute(_callable_rows(now)).all()
    taken: set[int] = set()
    for appointment, kiosk, relay_name, organisation in rows:
        if appointment.kiosk_id in taken:
            continue
        taken.add(appointment.kiosk_id)
        _start_calling(session, appointment, now)
        claims.append(_claim(appointment, kiosk, relay_name, organisation))
    session.flush()
    return Work(
        claims=claims,
        hangups=_asked_hangups(session),
        next_due_at=_next_due_at(session, now),
        is_more=len(rows) == BATCH,
    )


def _start_calling(session: Session, appointment: Appointment, now: datetime) -> None:
    if appointment.state == _S.BOOKED:
        move(
            session,
            appointment,
            _S.ARRIVED,
            actor=ACTOR,
            at=now,
            reason=Reason.PRESUMED_AT_THE_HOUR,
        )
    appointment.attempt += 1
    appointment.call = queue_call(appointment.id, appointment.attempt)
    appointment.call_requested_at = None
    appointment.hangup_requested_at = None
    appointment.counsellor_id = None
    move(session, appointment, _S.CALLING, actor=ACTOR, at=now)


def _claim(
    appointment: Appointment, kiosk: str, relay_name: str, organisation: Organisation
) -> Claim:
    return Claim(
        appointment_id=appointment.id,
        call=queue_call(appointment.id, appointment.attempt),
        kiosk=kiosk,
        relay_name=relay_name,
        resident_name=appointment.resident_name,
        organisation=organisation.slug,
        organisation_name=organisation.name,
        queue_seconds=organisation.abandon_after_seconds,
    )


def _callable_rows(
    now: datetime,
) -> Select[Appointment, str, str, Organisation]:
    busy = aliased(Appointment)
    kiosk_is_taken = exists().where(
        busy.kiosk_id == Appointment.kiosk_id, busy.state.in_(ON_THE_LINE)
    )
    is_due = and_(
        Appointment.state.in_(_WAITING),
        Appointment.starts_at <= now,
        Appointment.ends_at > now,
    )
    is_asked_for = and_(
        Appointment.state == _S.ARRIVED, Appointment.call_requested_at.is_not(None)
    )
    return (
        select(Appointment, Kiosk.slug, Relay.name, Organisation)
        .join(Appointment.kiosk)
        .join(Kiosk.relay)
        .join(Appointment.organisation)
        .where(or_(is_due, is_asked_for), ~kiosk_is_taken)
        .order_by(
            func.coalesce(Appointment.call_requested_at, Appointment.starts_at),
            Appointment.id,
        )
        .limit(BATCH)
        # Not the kiosk's key: a booking at the same kiosk must not wait.
        .with_for_update(of=Appointment, skip_locked=True)
    )


def _asked_hangups(session: Session) -> list[Hangup]:
    rows = session.execute(
        select(Appointment.id, Appointment.call).where(
            Appointment.state.in_(ON_THE_LINE),
            Appointment.hangup_requested_at.is_not(None),
        )
    )
    return [Hangup(row.id, row.call) for row in rows if row.call]


def _next_due_at(session: Session, now: datetime) -> datetime | None:
    return session.scalar(
        select(func.min(Appointment.starts_at)).where(
            Appointment.state.in_(_WAITING), Appointment.starts_at > now
        )
    )
