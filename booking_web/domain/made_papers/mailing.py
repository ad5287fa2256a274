# SPDX-License-Identifier: AGPL-3.0-or-later
"""A document is to go to its resident by e-mail: asked for once, in the caller's transaction."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.journal.addresses import resident_of
from booking_web.domain.journal.telling import tell
from booking_web.tables.appointment import Appointment
from booking_web.tables.document_mails import DocumentMail
from booking_web.tables.documents import Document
from booking_web.tables.journal_acts import Act
from booking_web.tables.messages import MessageState


class AddressChanged(Exception):
    """The resident's address is not the one that was confirmed; nothing was queued."""


def mail_document(
    session: Session,
    appointment: Appointment,
    document_id: int,
    confirmed: str,
    actor: str,
    now: datetime,
) -> None:
    """Queue an e-mail with the document, the appointment's row locked.

    One that waits already is enough. Raises AddressChanged unless `confirmed` is the
    resident's address.
    """
    resident = resident_of(session, appointment)
    if resident is None or not resident.email or resident.email != confirmed:
        raise AddressChanged
    waits = select(DocumentMail.id).where(
        DocumentMail.document_id == document_id,
        DocumentMail.state == MessageState.WAITING,
    )
    if session.scalars(waits).first() is not None:
        return
    document = session.get_one(Document, document_id)
    session.add(
        DocumentMail(
            document_id=document_id,
            state=MessageState.WAITING,
            attempts=0,
            next_attempt_at=now,
            reason="",
            created_at=now,
            created_by=actor,
            state_since=now,
        )
    )
    detail = f"document {document.number}"
    tell(session, Act.MAIL_REQUESTED, appointment, actor=actor, at=now, detail=detail)
