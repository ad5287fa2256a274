# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which documents, drafts and CVs go with an appointment that was handed over, and which stay.

What an organisation kept to itself is there for nobody whom the other one's counsellor serves
with it: neither on a page nor at the kiosk.
"""

from sqlalchemy import ColumnElement, ScalarSelect, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from booking_web.tables.appointment import Appointment
from booking_web.tables.documents import Document


def is_served() -> ColumnElement[bool]:
    """Give the condition under which whoever serves its appointment has a document."""
    serving = _serving(Document.appointment_id)
    return or_(Document.kept_by_id.is_(None), Document.kept_by_id == serving)


def is_own(
    organisation_id: InstrumentedAttribute[int],
    appointment_id: InstrumentedAttribute[int] | InstrumentedAttribute[int | None],
) -> ColumnElement[bool]:
    """Give the condition under which what an organisation wrote is the serving one's."""
    return organisation_id == _serving(appointment_id)


def goes_with(session: Session, document: Document) -> bool:
    """Tell whether whoever serves its appointment has a document."""
    if document.kept_by_id is None:
        return True
    appointment = session.get_one(Appointment, document.appointment_id)
    return appointment.organisation_id == document.kept_by_id


def _serving(
    appointment_id: InstrumentedAttribute[int] | InstrumentedAttribute[int | None],
) -> ScalarSelect[int]:
    return (
        select(Appointment.organisation_id)
        .where(Appointment.id == appointment_id)
        .scalar_subquery()
    )
