# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which documents of an appointment are receipts."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking_web.tables.documents import Document
from booking_web.tables.receipts import Receipt


def receipt_number(session: Session, appointment_id: int) -> int | None:
    """Give the number of the appointment's newest receipt."""
    query = (
        select(func.max(Document.number))
        .join(Receipt, Receipt.document_id == Document.id)
        .where(Receipt.appointment_id == appointment_id, Document.removed_at.is_(None))
    )
    return session.scalar(query)


def note_receipt(session: Session, document: Document, now: datetime) -> None:
    """Write down that a new document is a receipt."""
    session.add(
        Receipt(
            document_id=document.id,
            appointment_id=document.appointment_id,
            sha256=document.sha256,
            made_at=now,
        )
    )
