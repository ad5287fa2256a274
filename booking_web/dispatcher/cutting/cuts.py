# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is to be cut, and the appointments that this ends; secrets whose grace is over.

Each function is a piece of work in the caller's transaction.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from booking_web.dispatcher.following.facts import ACTOR
from booking_web.domain.appointments.lifecycle import move
from booking_web.tables.appointment import Appointment
from booking_web.tables.state_reasons import Reason
from booking_web.tables.states import ON_THE_LINE, AppointmentState
from provisioning.database.models import Counsellor, Kiosk
from provisioning.directory.cutting import cuts_to_do, forget_cuts
from provisioning.directory.kiosk_secrets import (
    end_former_secrets,
    former_secrets_over,
)

logger = structlog.get_logger(__name__)

# Of what was done this long ago nobody asks any more.
REMEMBERED = timedelta(days=1)


@dataclass(frozen=True)
class Cut:
    """An endpoint to cut, as of `read_at`, and the calls that it was in."""

    slug: str
    read_at: datetime
    calls: tuple[str, ...]


def is_anything_to_do(session: Session, now: datetime) -> bool:
    """Tell whether `take_cuts` or `end_graces` would do anything."""
    return bool(cuts_to_do(session) or former_secrets_over(session, now))


def take_cuts(session: Session, now: datetime) -> list[Cut]:
    """Give what is to be cut, with the appointments moved that are on these lines."""
    return [
        Cut(slug, now, _end_appointments(session, slug, now))
        for slug in cuts_to_do(session)
    ]


def end_graces(session: Session, now: datetime) -> None:
    """End the former secrets whose grace is over; in a call they stay good."""
    over = former_secrets_over(session, now)
    if over:
        busy = select(Appointment.kiosk_id).where(Appointment.state.in_(ON_THE_LINE))
        in_call = set(session.scalars(busy))
        end_former_secrets(session, [each for each in over if each not in in_call])
    forget_cuts(session, now - REMEMBERED)


def _end_appointments(session: Session, slug: str, now: datetime) -> tuple[str, ...]:
    of_kiosk = Kiosk.slug == slug
    of_counsellor = and_(
        Counsellor.slug == slug, Appointment.state == AppointmentState.IN_CALL
    )
    found = session.scalars(
        select(Appointment)
        .join(Appointment.kiosk)
        .outerjoin(Counsellor, Counsellor.id == Appointment.counsellor_id)
        .where(Appointment.state.in_(ON_THE_LINE), or_(of_kiosk, of_counsellor))
        .order_by(Appointment.id)
        .with_for_update(of=Appointment)
    ).all()
    for appointment in found:
        # Before the call is hung up: its end would count as a call that was done.
        move(
            session,
            appointment,
            AppointmentState.INTERRUPTED,
            actor=ACTOR,
            at=now,
            reason=Reason.ACCESS_CUT,
        )
        appointment.hangup_requested_at = None
        logger.warning("call cut", appointment=appointment.id, endpoint=slug)
    return tuple(each.call for each in found if each.call)
