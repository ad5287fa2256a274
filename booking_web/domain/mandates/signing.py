# SPDX-License-Identifier: AGPL-3.0-or-later
"""The signed paper comes back: the scan that was asked for, or one that is here already.

Mandate and scan are one thing from then on. In the caller's writing transaction, the
appointment's row locked.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.documents.naming import name_document
from booking_web.domain.journal.telling import tell
from booking_web.domain.kiosks.orders import NoSuchDocument, prepare_job
from booking_web.domain.mandates.handling import Handling
from booking_web.domain.mandates.standing import OVER, state_of
from booking_web.domain.rights.kept_documents import is_served
from booking_web.tables.appointment import Appointment
from booking_web.tables.device_jobs import JobOrder, Operation
from booking_web.tables.document_kinds import DocumentKind
from booking_web.tables.document_sources import Source
from booking_web.tables.documents import DeviceJob, Document
from booking_web.tables.journal_acts import Act
from booking_web.tables.mandates import Mandate


class MandateOver(Exception):
    """Its days are over, or it was revoked: nothing is signed any more."""


def ask_for_scan(it: Handling) -> None:
    """Have the kiosk scan the signed paper; raises MandateOver, and as `prepare_job` does."""
    _check_not_over(it)
    order = JobOrder(operation=Operation.SCAN)
    job = prepare_job(it.session, it.appointment, order, it.actor, it.now)
    it.mandate.scan_job = job.uuid


def take_signed_scan(
    session: Session, uuid: str, document: Document, now: datetime
) -> None:
    """Have a scan that came be the signed paper of the mandate that asked for its job."""
    query = select(Mandate).where(Mandate.scan_job == uuid)
    mandate = session.scalar(query.with_for_update(of=Mandate))
    # Revoked while the scanner ran: it stays a scan like any other.
    if mandate is None or mandate.revoked_at is not None:
        return
    appointment = session.get_one(Appointment, document.appointment_id)
    asked_by = select(DeviceJob.created_by).where(DeviceJob.uuid == uuid)
    actor = session.scalars(asked_by).one()
    _bind(session, appointment, mandate, document, actor, now)


def choose_scan(it: Handling, number: int | None) -> None:
    """Have a scan that is here be the signed paper; raises MandateOver, NoSuchDocument."""
    _check_not_over(it)
    document = it.session.scalar(
        select(Document).where(
            Document.appointment_id == it.appointment.id,
            Document.number == number,
            Document.source == Source.SCAN,
            Document.removed_at.is_(None),
            is_served(),
        )
    )
    if document is None:
        raise NoSuchDocument
    _bind(it.session, it.appointment, it.mandate, document, it.actor, it.now)


def _check_not_over(it: Handling) -> None:
    if state_of(it.mandate, it.today) in OVER:
        raise MandateOver


def _bind(
    session: Session,
    appointment: Appointment,
    mandate: Mandate,
    document: Document,
    actor: str,
    now: datetime,
) -> None:
    mandate.signed_document_id, mandate.scan_job = document.id, None
    kind = DocumentKind.MANDATE
    name_document(session, appointment, document, kind, document.title, actor, now)
    detail = f"mandate {mandate.id}, document {document.number}"
    tell(session, Act.MANDATE_SIGNED, appointment, actor=actor, at=now, detail=detail)
