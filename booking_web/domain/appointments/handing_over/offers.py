# SPDX-License-Identifier: AGPL-3.0-or-later
"""To whom a call can be handed over now: colleagues who are there, and other organisations."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from booking_web.domain.kiosks.watch import is_watched
from booking_web.tables.appointment import Appointment
from booking_web.tables.duty import CounsellorDuty, DutyState
from booking_web.tables.presence import EndpointPresence, Presence
from booking_web.tables.states import AppointmentState
from provisioning.database.models import Counsellor, Counter, Organisation


@dataclass(frozen=True)
class Colleague:
    """A colleague whose telephone is there."""

    id: int
    slug: str
    name: str
    state: DutyState
    reason: str
    is_in_call: bool


@dataclass(frozen=True)
class OtherOrganisation:
    """An organisation that receives residents, and how its queue stands."""

    id: int
    slug: str
    name: str
    # Counsellors who would be rung at once.
    available: int
    waiting: int


@dataclass(frozen=True)
class Offers:
    """Whom there is; nothing is known while no dispatcher hears Asterisk."""

    is_known: bool
    colleagues: tuple[Colleague, ...] = ()
    organisations: tuple[OtherOrganisation, ...] = ()


def offers_to(session: Session, counsellor: Counsellor, now: datetime) -> Offers:
    """List to whom this counsellor can hand a call over."""
    if not is_watched(session, now):
        return Offers(is_known=False)
    return Offers(
        True, colleagues_there(session, counsellor), _other_queues(session, counsellor)
    )


def colleagues_there(session: Session, counsellor: Counsellor) -> tuple[Colleague, ...]:
    """List the others of the organisation whose telephone is there, by name."""
    found = session.execute(
        select(Counsellor, EndpointPresence.state, CounsellorDuty)
        .join(EndpointPresence, EndpointPresence.slug == Counsellor.slug)
        .outerjoin(CounsellorDuty, CounsellorDuty.counsellor_id == Counsellor.id)
        .where(
            Counsellor.organisation_id == counsellor.organisation_id,
            Counsellor.id != counsellor.id,
            EndpointPresence.state != Presence.OFFLINE,
        )
        .order_by(Counsellor.name, Counsellor.id)
    )
    return tuple(_colleague(*row) for row in found)


def _colleague(
    counsellor: Counsellor, presence: str, duty: CounsellorDuty | None
) -> Colleague:
    speaks = duty is not None and duty.call_since is not None
    return Colleague(
        counsellor.id,
        counsellor.slug,
        counsellor.name,
        DutyState(duty.state) if duty else DutyState.AVAILABLE,
        duty.reason if duty else "",
        speaks or presence == Presence.IN_CALL,
    )


def other_organisations(session: Session, own_id: int) -> list[Organisation]:
    """List the other organisations that receive residents and have somebody to answer."""
    query = select(Organisation).where(
        Organisation.id != own_id,
        Organisation.interprets == "",
        Organisation.id.in_(select(Counter.organisation_id)),
        Organisation.id.in_(select(Counsellor.organisation_id)),
    )
    return list(session.scalars(query.order_by(Organisation.name, Organisation.id)))


def _other_queues(
    session: Session, counsellor: Counsellor
) -> tuple[OtherOrganisation, ...]:
    is_free = or_(
        CounsellorDuty.counsellor_id.is_(None),
        and_(
            CounsellorDuty.state == DutyState.AVAILABLE,
            CounsellorDuty.call_since.is_(None),
        ),
    )
    available = {
        organisation_id: count
        for organisation_id, count in session.execute(
            select(Counsellor.organisation_id, func.count())
            .join(EndpointPresence, EndpointPresence.slug == Counsellor.slug)
            .outerjoin(CounsellorDuty, CounsellorDuty.counsellor_id == Counsellor.id)
            .where(EndpointPresence.state == Presence.READY, is_free)
            .group_by(Counsellor.organisation_id)
        )
    }
    waiting = {
        organisation_id: count
        for organisation_id, count in session.execute(
            select(Appointment.organisation_id, func.count())
            .where(Appointment.state == AppointmentState.QUEUED)
            .group_by(Appointment.organisation_id)
        )
    }
    return tuple(
        OtherOrganisation(
            each.id,
            each.slug,
            each.name,
            available.get(each.id, 0),
            waiting.get(each.id, 0),
        )
        for each in other_organisations(session, counsellor.organisation_id)
    )
