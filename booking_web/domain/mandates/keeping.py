# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mandates drawn up, revoked, and forgotten with their resident.

Each works in the caller's writing transaction, the appointment's row locked; what it is told
of in the journal holds no name.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, delete, or_
from sqlalchemy.orm import Session

from booking_web.domain.journal.telling import tell
from booking_web.domain.mandates.handling import Handling
from booking_web.tables.appointment import Appointment
from booking_web.tables.documents import Document
from booking_web.tables.journal_acts import Act
from booking_web.tables.mandates import Mandate, MandateRelation, RevocationReason

LONGEST = timedelta(days=365)


class WrongDays(ValueError):
    """It would end before it begins, or last longer than a year."""


@dataclass(frozen=True, kw_only=True)
class MandateOrder:
    """A mandate as it is drawn up; raises WrongDays."""

    representative: str
    relation: MandateRelation
    for_appointments: bool
    for_documents: bool
    matter: str
    starts_on: date
    ends_on: date

    def __post_init__(self) -> None:
        """Refuse days that are none of a mandate."""
        if not self.starts_on <= self.ends_on <= self.starts_on + LONGEST:
            raise WrongDays


def note_mandate(
    session: Session, document: Document, order: MandateOrder, actor: str, now: datetime
) -> None:
    """Write down that a new document is a mandate's paper; keeping it tells of it."""
    appointment = session.get_one(Appointment, document.appointment_id)
    row = Mandate(
        appointment_id=appointment.id,
        organisation_id=appointment.organisation_id,
        resident_id=appointment.resident_id,
        document_id=document.id,
        made_at=now,
        made_by=actor,
        **vars(order),
    )
    session.add(row)


def revoke(it: Handling, reason: RevocationReason) -> None:
    """Have it allow nothing any more, from now on; once is enough."""
    mandate = it.mandate
    if mandate.revoked_at is not None:
        return
    mandate.revoked_at, mandate.revoked_by = it.now, it.actor
    mandate.revocation = reason
    tell(
        it.session,
        Act.MANDATE_REVOKED,
        it.appointment,
        actor=it.actor,
        at=it.now,
        detail=f"mandate {mandate.id}, {reason}",
    )


def forget_mandates(
    session: Session, nameless: Select[int], residents: Collection[int]
) -> None:
    """Remove those of these residents, and of the appointments that are nameless now."""
    session.execute(
        delete(Mandate).where(
            or_(
                Mandate.appointment_id.in_(nameless),
                Mandate.resident_id.in_(residents),
            )
        )
    )
