# SPDX-License-Identifier: AGPL-3.0-or-later
"""A resident's earlier appointments with the organisation of the present one, and no other's."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from booking_web.domain.journal.addresses import resident_of
from booking_web.domain.rights.person import Person
from booking_web.tables.appointment import Appointment, Resident
from booking_web.tables.conclusions import Conclusion, Outcome
from booking_web.tables.states import AppointmentState
from provisioning.database.models import Kiosk

SHOWN = 5


@dataclass(frozen=True)
class Earlier:
    """An appointment before the present one, and what came of it."""

    id: int
    starts_at: datetime
    zone: ZoneInfo
    state: AppointmentState
    # In the inventory's words; where none was chosen, in the town hall's own.
    reason: str
    outcome: Outcome | None
    note: str


@dataclass(frozen=True)
class History:
    """The latest of them, the newest first, and how many there are before these."""

    earlier: tuple[Earlier, ...] = ()
    more: int = 0


def history_of(session: Session, viewer: Person, appointment: Appointment) -> History:
    """List those that `viewer` sees; of whom only the name is known there are none."""
    resident = resident_of(session, appointment)
    if resident is None:
        return History()
    doubles = select(Resident.id).where(Resident.merged_into_id == resident.id)
    found = session.scalars(
        viewer.appointments()
        .where(
            or_(
                Appointment.resident_id == resident.id,
                Appointment.resident_id.in_(doubles),
            ),
            # Also for a town hall: what one organisation does is not another's.
            Appointment.organisation_id == appointment.organisation_id,
            Appointment.id != appointment.id,
            Appointment.starts_at < appointment.starts_at,
        )
        .options(
            joinedload(Appointment.kiosk).joinedload(Kiosk.relay),
            joinedload(Appointment.visit_reason),
        )
        .order_by(Appointment.starts_at.desc(), Appointment.id.desc())
    ).all()
    shown = found[:SHOWN]
    ends = {
        each.appointment_id: each
        for each in session.scalars(
            select(Conclusion).where(
                Conclusion.appointment_id.in_([each.id for each in shown])
            )
        )
    }
    return History(
        tuple(_earlier(each, ends.get(each.id)) for each in shown),
        len(found) - len(shown),
    )


def _earlier(appointment: Appointment, end: Conclusion | None) -> Earlier:
    reason = appointment.visit_reason
    return Earlier(
        appointment.id,
        appointment.starts_at,
        ZoneInfo(appointment.kiosk.relay.time_zone),
        AppointmentState(appointment.state),
        reason.name if reason else appointment.reason,
        Outcome(end.outcome) if end else None,
        end.note if end else "",
    )
