# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whether a content of the store still belongs to something: a document, what one was
before it was arranged, a form's edition."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.tables.arrangements import DocumentOriginal
from booking_web.tables.documents import Document
from booking_web.tables.forms import FormEdition


def is_needed(session: Session, sha256: str) -> bool:
    """Tell whether anything has this content; ask under `DocumentStore.exclusively`."""
    document = select(Document.id).where(
        Document.sha256 == sha256, Document.removed_at.is_(None)
    )
    original = select(DocumentOriginal.document_id).where(
        DocumentOriginal.sha256 == sha256
    )
    edition = select(FormEdition.id).where(FormEdition.sha256 == sha256)
    return any(
        session.scalar(query.limit(1)) is not None
        for query in (document, original, edition)
    )
