# SPDX-License-Identifier: AGPL-3.0-or-later
"""Chooses the appointments to call now and marks them as being called.

All of it is one write transaction, committed before anything rings: whoever committed is
the one who places the call, and a dispatcher that dies in between rings nobody twice.
"""

from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy import BindParameter, Select, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from booking_web.base.languages import language_or_french
from booking_web.dispatcher.call_id import queue_call
from booking_web.dispatcher.following.facts import ACTOR
from booking_web.domain.appointments.calls_in_progress import calls_in_progress
from booking_web.domain.appointments.lifecycle import move
from booking_web.domain.appointments.line.calling import call_from_lines
from booking_web.domain.appointments.line.keeping import Keeping
from booking_web.domain.appointments.line.kiosk_awaited import rests, times_of
from booking_web.domain.kiosks.wipes import is_held_against
from booking_web.domain.rights.restriction import is_unrestricted
from booking_web.tables.appointment import Appointment
from booking_web.tables.state_reasons import Reason
from booking_web.tables.states import ON_THE_LINE, AppointmentState
from provisioning.database.access import EndpointCut
from provisioning.database.engine import UtcDateTime, wait_for_turn
from provisioning.database.models import Kiosk, Organisation, Relay, VisitReason

logger = structlog.get_logger(__name__)

_S = AppointmentState
_WAITING = (_S.ARRIVED,)
_WAITING_AT_THE_HOUR = (_S.BOOKED, _S.ARRIVED)
# A burst is claimed in one go (half a millisecond each): between two batches the facts of
# the first batch's calls would have to be written, and the rest would ring later.
BATCH = 100
# Of all dispatchers of one database, see `wait_for_turn`.
CLAIMS_TURN = 7_201_927


@dataclass(frozen=True)
class Claim:
    """An appointment that is now `calling`, and all that its call needs."""

    appointment_id: int
    call: str
    kiosk: str
    relay_name: str
    resident_name: str = field(repr=False)
    # Why the resident comes, as the inventory or the secretary says it; may be empty.
    reason: str = field(repr=False)
    # What the kiosk and the queue speak.
    language: str
    organisation: str
    organisation_name: str
    queue_seconds: int


@dataclass(frozen=True)
class Outlook:
    """What else there is to do: calls whose end a page asked for, and the next hour."""

    hangups: list[str]
    next_due_at: datetime | None


def take_claims(
    session: Session,
    now: datetime,
    keeping: Keeping = Keeping(),
    calls_at_once: int = 0,
) -> list[Claim]:
    """Claim what is due or asked for: at most BATCH, one appointment per kiosk.

    At its hour only who has arrived is called, unless the site calls at the hour. What the
    server cannot carry beside the calls that go on is handed back at once, and says so:
    placed all the same, it would end as if the kiosk had not answered.

    Call it in a write transaction. Dispatchers on PostgreSQL do it one after the other: two
    at once would each lock what the other needs next (a kiosk, the second appointment at
    one). A page that changes the same appointment is let finish, and its row left out.
    """
    wait_for_turn(session.connection(), CLAIMS_TURN)
    call_from_lines(session, ACTOR, now, keeping)
    claims: list[Claim] = []
    taken: set[int] = set()
    places = _places_left(session, calls_at_once)
    for row in session.execute(_CALLABLE, _asked(now, keeping) | times_of(now)).all():
        appointment = row.Appointment
        if appointment.kiosk_id in taken:
            continue
        taken.add(appointment.kiosk_id)
        _start_calling(session, appointment, now)
        if len(claims) == places:
            full = Reason.SERVER_FULL
            move(session, appointment, _S.INTERRUPTED, actor=ACTOR, at=now, reason=full)
            logger.error("server full", appointment=appointment.id, calls=calls_at_once)
            continue
        claims.append(
            Claim(
                appointment_id=appointment.id,
                call=appointment.call,
                kiosk=row.kiosk,
                relay_name=row.relay_name,
                resident_name=appointment.name_on_boards,
                reason=(
                    ""
                    if appointment.discreet
                    else row.visit_reason or appointment.reason
                ),
                language=language_or_french(appointment.language),
                organisation=row.organisation,
                organisation_name=row.organisation_name,
                queue_seconds=row.queue_seconds,
            )
        )
    return claims


def look_ahead(
    session: Session, now: datetime, keeping: Keeping = Keeping()
) -> Outlook:
    """Tell what else there is to do, and when the next appointment is due."""
    hangups = session.scalars(_HANGUPS).all()
    next_due_at = session.scalar(_NEXT_DUE, _asked(now, keeping))
    return Outlook([call for call in hangups if call], next_due_at)


def _asked(now: datetime, keeping: Keeping) -> dict[str, object]:
    waiting = _WAITING_AT_THE_HOUR if keeping.calls_at_the_hour else _WAITING
    return {"now": now, "waiting": waiting}


def _places_left(session: Session, calls_at_once: int) -> int | None:
    if not calls_at_once:
        return None
    return max(0, calls_at_once - calls_in_progress(session))


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
    if appointment.state_reason != Reason.KIOSK_AWAITED:
        appointment.call_requested_at = None
    appointment.hangup_requested_at = None
    appointment.counsellor_id = None
    move(session, appointment, _S.CALLING, actor=ACTOR, at=now)


_NOW = bindparam("now", type_=UtcDateTime())
_STATES: BindParameter[AppointmentState] = bindparam("waiting", expanding=True)


def _callable() -> Select[Appointment, str, str, str, str, str, int]:
    busy = aliased(Appointment)
    kiosk_is_taken = exists().where(
        busy.kiosk_id == Appointment.kiosk_id, busy.state.in_(ON_THE_LINE)
    )
    is_to_be_cut = exists().where(
        EndpointCut.slug == Kiosk.slug, EndpointCut.done_at.is_(None)
    )
    # Who waits for a kiosk that was busy is tried again first; nobody passes them.
    is_awaited = exists().where(busy.kiosk_id == Appointment.kiosk_id, rests(busy))
    is_due = and_(
        Appointment.state.in_(_STATES),
        Appointment.starts_at <= _NOW,
        Appointment.ends_at > _NOW,
        # Whoever waits in a line is asked for when their turn comes.
        ~Appointment.in_line,
    )
    is_asked_for = and_(
        Appointment.state == _S.ARRIVED, Appointment.call_requested_at.is_not(None)
    )
    return (
        select(
            Appointment,
            Kiosk.slug.label("kiosk"),
            Relay.name.label("relay_name"),
            VisitReason.name.label("visit_reason"),
            Organisation.slug.label("organisation"),
            Organisation.name.label("organisation_name"),
            Organisation.abandon_after_seconds.label("queue_seconds"),
        )
        .join(Appointment.kiosk)
        .join(Kiosk.relay)
        .join(Appointment.organisation)
        .outerjoin(Appointment.visit_reason)
        .where(
            or_(is_due, is_asked_for),
            ~kiosk_is_taken,
            ~is_awaited,
            ~is_to_be_cut,
            ~is_held_against(),
            is_unrestricted(Appointment.resident_id),
        )
        .order_by(
            func.coalesce(Appointment.call_requested_at, Appointment.starts_at),
            Appointment.id,
        )
        .limit(BATCH)
        # Of the appointment alone: a booking at the same kiosk must not wait.
        .with_for_update(of=Appointment, skip_locked=True)
    )


# Built once: to build them at each tick took half of its time.
_CALLABLE = _callable()
_HANGUPS = select(Appointment.call).where(
    Appointment.state.in_(ON_THE_LINE), Appointment.hangup_requested_at.is_not(None)
)
_NEXT_DUE = select(func.min(Appointment.starts_at)).where(
    Appointment.state.in_(_STATES), Appointment.starts_at > _NOW
)
