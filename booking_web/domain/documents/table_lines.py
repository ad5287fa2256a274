# SPDX-License-Identifier: AGPL-3.0-or-later
"""The line of a table of pages in the database: locked, changed, cleared."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from booking_web.domain.documents.laid_pages import LaidPage, LayingRefused, pages_of
from booking_web.domain.journal.promises import News
from booking_web.domain.journal.telling import tell_pages
from booking_web.tables.appointment import Appointment
from booking_web.tables.arrangements import Arrangement, DocumentOriginal
from booking_web.tables.documents import Document

# How many changes can be taken back, one after the other.
UNDONE_AT_MOST = 30
# Who keeps it tells so again and again; one that told nothing for so long died.
KEEPING_TELLS_WITHIN = timedelta(seconds=75)


class ChangedMeanwhile(LayingRefused):
    """The pages lie otherwise than the person saw them; `by` changed them."""

    def __init__(self, by: str) -> None:
        super().__init__("the pages lie otherwise")
        self.by = by


class BeingKept(LayingRefused):
    """The pages are being kept as they lie."""


def line_to_change(
    session: Session, document: Document, revision: int, actor: str, now: datetime
) -> Arrangement:
    """Give the line of a table, locked; raises ChangedMeanwhile or BeingKept."""
    line = session.get(Arrangement, document.id, with_for_update=True)
    if line is None:
        line = Arrangement(
            document_id=document.id,
            revision=0,
            next_key=1,
            changed_at=now,
            changed_by=actor,
        )
        _clear(line, document)
        session.add(line)
        session.flush()
    if line.revision != revision:
        raise ChangedMeanwhile(line.changed_by)
    if is_being_kept(line, now):
        raise BeingKept
    return line


def is_being_kept(line: Arrangement, now: datetime) -> bool:
    """Tell whether somebody is making a document of the pages."""
    return line.keeping_at is not None and now - line.keeping_at < KEEPING_TELLS_WITHIN


def fresh_pages(line: Arrangement, document: Document) -> list[LaidPage]:
    """Give all pages of a document, to be laid on this table."""
    come = pages_of(document.id, document.sha256, document.pages, line.next_key)
    line.next_key += document.pages
    return come


def remember_pages(line: Arrangement, pages: Sequence[LaidPage]) -> None:
    """Lay these pages; how they lay before can be taken back."""
    line.before = [*line.before, line.pages][-UNDONE_AT_MOST:]
    line.pages = [each.to_json() for each in pages]


def note_change(
    session: Session,
    appointment: Appointment,
    line: Arrangement,
    actor: str,
    now: datetime,
) -> None:
    """Have it be another revision, and open pages look again."""
    line.revision += 1
    line.changed_at, line.changed_by = now, actor
    line.trouble = ""
    tell_pages(session, News.PAGES_LAID, appointment, now)


def lay_as_it_is(
    line: Arrangement, document: Document, actor: str, now: datetime
) -> None:
    """Lay the pages as the document now has them; nothing can be taken back any more."""
    _clear(line, document)
    line.revision += 1
    line.changed_at, line.changed_by = now, actor


def _clear(line: Arrangement, document: Document) -> None:
    line.pages = [each.to_json() for each in fresh_pages(line, document)]
    line.before, line.awaited, line.mark = [], {}, ""
    line.keeping_at, line.pages_kept, line.pages_to_keep = None, 0, 0
    line.trouble = ""


def forget_arrangement(session: Session, document: Document) -> list[str]:
    """Forget how a document's pages lay and what it was at first; give the contents' hashes."""
    original = session.get(DocumentOriginal, document.id)
    hashes = [original.sha256] if original is not None else []
    for table in (DocumentOriginal, Arrangement):
        session.execute(delete(table).where(table.document_id == document.id))
    return hashes
