# SPDX-License-Identifier: AGPL-3.0-or-later
"""What was printed in other appointments of a resident, and may come back in this one.

Only of the same organisation: what another one does for somebody is none of its business.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from booking_web.domain.forms.printed.rows import signed_of, with_its_form
from booking_web.domain.journal.addresses import resident_of
from booking_web.domain.journal.telling import tell
from booking_web.domain.residents.sameness import Sameness, sameness
from booking_web.domain.rights.restriction import is_unrestricted
from booking_web.tables.appointment import Appointment, Resident
from booking_web.tables.documents import Document
from booking_web.tables.journal_acts import Act
from booking_web.tables.printed_forms import PrintedForm


@dataclass(frozen=True)
class PrintedElsewhere:
    """A form of another appointment, and how sure it is that the resident is the same."""

    printed: PrintedForm
    sameness: Sameness

    @property
    def is_sure(self) -> bool:
        """Tell whether nobody has to be asked."""
        return self.sameness is Sameness.SURE


def printed_elsewhere(
    session: Session, appointment: Appointment
) -> list[PrintedElsewhere]:
    """List what is still kept of it, the oldest first."""
    resident = resident_of(session, appointment)
    if resident is None:
        return []
    found = []
    for printed in session.scalars(_who_may_be(resident, appointment)):
        other = resident_of(session, printed.appointment)
        how_sure = sameness(resident, other)
        if how_sure is not None:
            found.append(PrintedElsewhere(printed, how_sure))
    return found


def awaited_elsewhere(
    session: Session, appointment: Appointment
) -> list[PrintedElsewhere]:
    """List what of it is not signed and kept yet."""
    return [
        each
        for each in printed_elsewhere(session, appointment)
        if signed_of(each.printed) is None
    ]


def tell_brought_back(
    session: Session,
    appointment: Appointment,
    printed: PrintedForm,
    actor: str,
    now: datetime,
) -> None:
    """Write down, in both appointments, that a form of the other comes back in this one."""
    for where, detail in (
        (appointment, f"print {printed.id} of appointment {printed.appointment_id}"),
        (printed.appointment, f"print {printed.id} in appointment {appointment.id}"),
    ):
        act = Act.FORM_BROUGHT_BACK
        tell(session, act, where, actor=actor, at=now, detail=detail)


def _who_may_be(resident: Resident, appointment: Appointment) -> Select[PrintedForm]:
    alike: list[ColumnElement[bool]] = [
        Resident.id == resident.id,
        Resident.merged_into_id == resident.id,
    ]
    if resident.birth_date is not None:
        alike.append(Resident.birth_date == resident.birth_date)
    if resident.telephone:
        alike.append(Resident.telephone == resident.telephone)
    return with_its_form(
        select(PrintedForm)
        .join(Document, Document.id == PrintedForm.document_id)
        .join(Appointment, Appointment.id == PrintedForm.appointment_id)
        .join(Resident, Resident.id == Appointment.resident_id)
        .where(
            Appointment.organisation_id == appointment.organisation_id,
            Appointment.id != appointment.id,
            Document.removed_at.is_(None),
            is_unrestricted(Appointment.resident_id),
            or_(*alike),
        )
        .order_by(PrintedForm.id)
    )
