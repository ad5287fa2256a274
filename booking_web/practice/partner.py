# SPDX-License-Identifier: AGPL-3.0-or-later
"""Plays everybody else: Asterisk, the kiosk, the counsellor at the other end.

It has no process of its own: each request of the trainee's pages has it do what is due by
then (`play`). It writes what the dispatcher and the kiosk's bridge would write, by the same
functions, so that the pages show what they would show.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.dispatcher.call_id import parse_call
from booking_web.dispatcher.following.call_events import CallFact
from booking_web.dispatcher.following.facts import apply
from booking_web.dispatcher.placing.claims import take_claims
from booking_web.domain.appointments.booking import book
from booking_web.domain.appointments.orders import BookingOrder
from booking_web.domain.appointments.rules import Hours
from booking_web.domain.kiosks.presence import write_presence
from booking_web.domain.kiosks.reports import DeviceReport, take_heartbeat
from booking_web.practice.devices import play_devices
from booking_web.practice.happenings import Happening
from booking_web.practice.seeding import (
    KIOSK,
    OWN_ORGANISATION,
    RELAY,
    SECRETARY,
    VISITORS,
)
from booking_web.practice.worlds import World
from booking_web.tables.appointment import Appointment
from booking_web.tables.presence import Presence
from booking_web.tables.state_reasons import Reason
from booking_web.tables.states import ON_THE_LINE, AppointmentState
from provisioning.database.models import (
    Counsellor,
    Kiosk,
    Organisation,
    User,
    UserRole,
)

_S = AppointmentState

# How long each step takes: long enough to be seen, too short to be waited for.
RINGS_FOR = timedelta(seconds=2)
WAITS_FOR = timedelta(seconds=4)
# A call that the trainee only sees ends by itself.
TALKS_FOR = timedelta(seconds=40)


@dataclass(frozen=True)
class Stage:
    """Who plays what in this request."""

    world: World
    # The trainee's part: the rest is played.
    part: UserRole


def play(session: Session, stage: Stage, now: datetime) -> None:
    """Do what the others would have done by now, in the caller's writing transaction."""
    is_off = stage.world.has(Happening.KIOSK_OFF)
    _be_there(session, stage, now)
    take_claims(session, now)
    for appointment in _on_the_line(session):
        fact = _next_fact(appointment, stage, now, is_off)
        if fact is not None:
            apply(session, [(fact, now)])
    play_devices(session, stage.world.has(Happening.NO_PAPER), now)


def send_visitor(session: Session, now: datetime) -> None:
    """Have somebody come to the counsellor's counter, and the kiosk call for them.

    Raises a BookingError where kiosk or counter is taken by a call.
    """
    came = session.scalars(
        select(Appointment.resident_name).where(Appointment.resident_name.in_(VISITORS))
    ).all()
    user_id = session.scalars(select(User.id).where(User.email == SECRETARY)).one()
    order = BookingOrder(
        token=f"visitor {len(came)}",
        user_id=user_id,
        relay=RELAY,
        organisation=OWN_ORGANISATION,
        visit_reason="caisse-exercice-changement",
        resident_name=VISITORS[len(came) % len(VISITORS)],
        starts_at=None,
        hours=Hours.AGREED,
        acting=f"kiosk:{KIOSK}",
    )
    book(session, order, now)


def ringing(session: Session) -> Appointment | None:
    """Give the appointment that rings at the trainee's telephone, or is on it."""
    return session.scalar(
        select(Appointment)
        .join(Organisation, Organisation.id == Appointment.organisation_id)
        .where(
            Organisation.slug == OWN_ORGANISATION,
            Appointment.state.in_((_S.QUEUED, _S.IN_CALL)),
        )
        .order_by(Appointment.state_since)
        .limit(1)
    )


def pick_up(session: Session, now: datetime) -> bool:
    """Have the trainee take the call that rings; False where it rings no more."""
    appointment = ringing(session)
    if appointment is None or appointment.state != _S.QUEUED:
        return False
    slug = _counsellor_of(session, appointment)
    return apply(session, [(_fact(appointment, _S.IN_CALL, counsellor=slug), now)])


def hang_up(session: Session, now: datetime) -> bool:
    """Have the trainee end their call; False where there is none any more."""
    appointment = ringing(session)
    if appointment is None or appointment.state != _S.IN_CALL:
        return False
    return apply(session, [(_fact(appointment, _S.DONE), now)])


def _next_fact(
    appointment: Appointment, stage: Stage, now: datetime, is_off: bool
) -> CallFact | None:
    state = AppointmentState(appointment.state)
    lasted = now - appointment.state_since
    if appointment.hangup_requested_at is not None:
        after = _S.DONE if state is _S.IN_CALL else _S.INTERRUPTED
        return _fact(appointment, after, Reason.CALL_BROKEN)
    if is_off:
        after = _S.UNREACHABLE if state is _S.CALLING else _S.INTERRUPTED
        return _fact(appointment, after, Reason.KIOSK_OFFLINE)
    if state is _S.CALLING:
        return _fact(appointment, _S.QUEUED) if lasted >= RINGS_FOR else None
    if state is _S.QUEUED:
        return _answer(appointment, stage, lasted)
    is_trainees = _is_the_trainees(appointment, stage)
    ends = not is_trainees and lasted >= TALKS_FOR
    return _fact(appointment, _S.DONE) if ends else None


def _answer(
    appointment: Appointment, stage: Stage, lasted: timedelta
) -> CallFact | None:
    organisation = appointment.organisation
    if _is_the_trainees(appointment, stage):
        patience = timedelta(seconds=organisation.abandon_after_seconds)
        if lasted < patience:
            return None
        return _fact(appointment, _S.ABANDONED, Reason.QUEUE_TIMEOUT)
    if lasted < WAITS_FOR:
        return None
    slug = organisation.counsellors[0].slug
    return _fact(appointment, _S.IN_CALL, counsellor=slug)


def _is_the_trainees(appointment: Appointment, stage: Stage) -> bool:
    return (
        stage.part is UserRole.COUNSELLOR
        and appointment.organisation.slug == OWN_ORGANISATION
    )


def _counsellor_of(session: Session, appointment: Appointment) -> str:
    query = select(Counsellor.slug).where(
        Counsellor.organisation_id == appointment.organisation_id
    )
    return session.scalars(query).one()


def _fact(
    appointment: Appointment,
    state: AppointmentState,
    reason: str = "",
    counsellor: str = "",
) -> CallFact:
    call = parse_call(appointment.call or "")
    if call is None:
        raise ValueError(f"appointment {appointment.id} is in no call")
    is_failure = state not in (_S.QUEUED, _S.IN_CALL, _S.DONE)
    return CallFact(call, state, reason if is_failure else "", counsellor)


def _on_the_line(session: Session) -> list[Appointment]:
    query = select(Appointment).where(Appointment.state.in_(ON_THE_LINE))
    return list(session.scalars(query.order_by(Appointment.id)))


def _be_there(session: Session, stage: Stage, now: datetime) -> None:
    """Say that the kiosk, its devices and the counsellors are there, unless they are not."""
    is_off = stage.world.has(Happening.KIOSK_OFF)
    lines = _on_the_line(session)
    kiosk = Presence.IN_CALL if lines else Presence.READY
    busy = {each.organisation_id for each in lines if each.state == _S.IN_CALL}
    members = {
        (each.organisation.slug, each.slug): (
            Presence.IN_CALL if each.organisation_id in busy else Presence.READY
        )
        for each in session.scalars(select(Counsellor))
    }
    write_presence(
        session,
        {KIOSK: Presence.OFFLINE if is_off else kiosk},
        members,
        now,
        is_all=True,
    )
    if is_off:
        return
    kiosk_id = session.scalars(select(Kiosk.id).where(Kiosk.slug == KIOSK)).one()
    has_paper = not stage.world.has(Happening.NO_PAPER)
    take_heartbeat(
        session,
        kiosk_id,
        DeviceReport(
            "idle" if has_paper else "stopped", () if has_paper else ("paper_out",)
        ),
        DeviceReport("idle", ()),
        "practice",
        now,
        told_at=now,
    )
