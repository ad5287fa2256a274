# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a document is called: its kind and its title."""

from datetime import datetime

from sqlalchemy.orm import Session

from booking_web.domain.journal.telling import tell
from booking_web.tables.appointment import Appointment
from booking_web.tables.document_kinds import DocumentKind
from booking_web.tables.documents import TITLE_LENGTH, Document
from booking_web.tables.journal_acts import Act


def name_document(
    session: Session,
    appointment: Appointment,
    document: Document,
    kind: DocumentKind | None,
    title: str,
    actor: str,
    now: datetime,
) -> None:
    """Say what kind of paper a document is (None: nobody says), and what it is called."""
    named = (str(kind or ""), printable(title)[:TITLE_LENGTH])
    if (document.kind, document.title) == named:
        return
    document.kind, document.title = named
    detail = f"document {document.number}"
    tell(session, Act.DOCUMENT_NAMED, appointment, actor=actor, at=now, detail=detail)


def printable(words: str) -> str:
    """Give words in one line, without what no letter draws."""
    kept = "".join(c if c.isprintable() else " " for c in words)
    return " ".join(kept.split())
