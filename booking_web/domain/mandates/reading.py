# SPDX-License-Identifier: AGPL-3.0-or-later
"""The mandates of an appointment's resident with its organisation."""

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, joinedload

from booking_web.domain.rights.person import NotVisible
from booking_web.tables.appointment import Appointment
from booking_web.tables.mandates import Mandate

SHOWN = 30


def mandates_of(session: Session, appointment: Appointment) -> list[Mandate]:
    """List them, the newest first; another organisation's are none of this one's business."""
    query = (
        select(Mandate)
        .where(_concerns(appointment))
        .options(joinedload(Mandate.document), joinedload(Mandate.signed_document))
        .order_by(Mandate.id.desc())
        .limit(SHOWN)
    )
    return list(session.scalars(query))


def mandate_of(session: Session, appointment: Appointment, mandate_id: int) -> Mandate:
    """Give one of them, to be changed; raises NotVisible."""
    query = select(Mandate).where(Mandate.id == mandate_id, _concerns(appointment))
    found = session.scalar(query.with_for_update(of=Mandate))
    if found is None:
        raise NotVisible
    return found


def _concerns(appointment: Appointment) -> ColumnElement[bool]:
    is_here = Mandate.appointment_id == appointment.id
    is_theirs = Mandate.resident_id == appointment.resident_id
    whose = or_(is_here, is_theirs) if appointment.resident_id else is_here
    return whose & (Mandate.organisation_id == appointment.organisation_id)
