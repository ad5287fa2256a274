# SPDX-License-Identifier: AGPL-3.0-or-later
"""Makes the document that laid pages say, and gives back the one that was scanned.

The document keeps its number. Its former content can come back for a day, and while the
appointment's call goes on; then it is erased. A failure leaves the document as it was.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.base.transactions import in_transaction
from booking_web.domain.documents.archive import Archive
from booking_web.domain.documents.arranging import Table, read_table
from booking_web.domain.documents.errors import DocumentRefused, Refusal
from booking_web.domain.documents.laid_pages import LaidPage, LayingRefused
from booking_web.domain.documents.making import made_pdf
from booking_web.domain.documents.removing import remove_first
from booking_web.domain.documents.table_lines import ChangedMeanwhile, lay_as_it_is
from booking_web.domain.journal.telling import tell
from booking_web.tables.appointment import Appointment
from booking_web.tables.arrangements import Arrangement, DocumentOriginal
from booking_web.tables.documents import Document
from booking_web.tables.journal_acts import Act
from booking_web.tables.states import ON_THE_LINE
from provisioning.database.engine import Database

logger = structlog.get_logger(__name__)

# How long what was scanned can come back, once its pages were arranged.
COMES_BACK_WITHIN = timedelta(hours=24)

# What else is done in the transaction; the pages are those that the document was made of.
Then = Callable[[Session, Appointment, Document, Sequence[LaidPage]], None]


def _nothing_else(
    _session: Session,
    _appointment: Appointment,
    _document: Document,
    _pages: Sequence[LaidPage],
) -> None:
    return


@dataclass(frozen=True)
class _Content:
    sha256: str
    size: int


class SourceGone(LayingRefused):
    """A page's document was removed, or arranged itself, since the page was laid."""


class NoOriginal(LayingRefused):
    """The document is as it was scanned, or its first content was erased."""


class DocumentGone(LayingRefused):
    """The document was removed meanwhile."""


class Keeper:
    """Keeps the arrangements of one site. Every method may raise StoreUnavailable."""

    def __init__(
        self, database: Database, archive: Archive, now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._archive = archive
        self._now = now

    def keep(
        self,
        document_id: int,
        revision: int,
        actor: str,
        *,
        then: Then = _nothing_else,
        tell_progress: Callable[[int, int], None] = lambda done, pages: None,
    ) -> None:
        """Make the document of its pages as they lie at this revision.

        `then` runs in the same transaction. Raises LayingRefused or DocumentRefused.
        """
        with self._database.read() as session:
            table = self._table(session, document_id, revision)
            _check_sources(session, table.pages)
        if not table.is_changed:
            return
        store = self._archive.store
        with made_pdf(store, self._archive.examiner, table, tell_progress) as pdf:
            size = pdf.seek(0, 2)
            if size > self._archive.max_bytes:
                raise DocumentRefused(Refusal.TOO_LARGE)
            pdf.seek(0)
            with store.exclusively():
                content = _Content(store.put(pdf), size)
                former = table.document.sha256
                try:
                    in_transaction(
                        self._database,
                        lambda session: self._exchange(
                            session, document_id, revision, content, actor, then
                        ),
                    )
                except BaseException:
                    self._archive.remove_unless_needed(content.sha256)
                    raise
                self._archive.remove_unless_needed(former)
        logger.info("document arranged", document=document_id, pages=len(table.pages))

    def set_back(
        self,
        document_id: int,
        actor: str,
        *,
        then: Then = _nothing_else,
    ) -> None:
        """Give the document what was scanned at first; raises LayingRefused.

        `then` runs in the same transaction.
        """
        with self._archive.store.exclusively():
            former = in_transaction(
                self._database,
                lambda session: self._exchange_back(session, document_id, actor, then),
            )
            self._archive.remove_unless_needed(former)

    def erase_original(self, document_id: int, actor: str) -> bool:
        """Erase what was scanned at first, for good; False where there is none."""
        with self._archive.store.exclusively():
            return in_transaction(
                self._database,
                lambda session: self._forget_original(session, document_id, actor),
            )

    def _table(self, session: Session, document_id: int, revision: int) -> Table:
        document = session.get(Document, document_id)
        if document is None or document.removed_at is not None:
            raise DocumentGone
        table = read_table(session, document, self._now())
        if table.revision != revision:
            raise ChangedMeanwhile(_changed_by(session, document_id))
        return table

    def _exchange(
        self,
        session: Session,
        document_id: int,
        revision: int,
        content: _Content,
        actor: str,
        then: Then,
    ) -> None:
        document, appointment = _locked(session, document_id)
        table = self._table(session, document_id, revision)
        _check_sources(session, table.pages)
        now = self._now()
        original = session.get(DocumentOriginal, document_id)
        if original is None:
            session.add(
                DocumentOriginal(
                    document_id=document_id,
                    sha256=document.sha256,
                    size=document.size,
                    pages=document.pages,
                    verdicts=document.verdicts,
                    arranged_at=now,
                )
            )
        else:
            original.arranged_at = now
        document.sha256, document.size = content.sha256, content.size
        # What the kiosk noticed was looked at; its numbers are those of other pages.
        document.pages, document.verdicts = len(table.pages), ""
        line = session.get_one(Arrangement, document_id)
        lay_as_it_is(line, document, actor, now)
        detail = f"document {document.number}, {document.pages} pages"
        act = Act.DOCUMENT_ARRANGED
        tell(session, act, appointment, actor=actor, at=now, detail=detail)
        then(session, appointment, document, table.pages)

    def _exchange_back(
        self, session: Session, document_id: int, actor: str, then: Then
    ) -> str:
        document, appointment = _locked(session, document_id)
        now = self._now()
        original = session.get(DocumentOriginal, document_id)
        if original is None or not may_come_back(original, appointment, now):
            raise NoOriginal
        former = document.sha256
        document.sha256, document.size = original.sha256, original.size
        document.pages, document.verdicts = original.pages, original.verdicts
        session.delete(original)
        line = session.get(Arrangement, document_id)
        if line is not None:
            lay_as_it_is(line, document, actor, now)
        detail = f"document {document.number}, {document.pages} pages"
        act = Act.DOCUMENT_SET_BACK
        tell(session, act, appointment, actor=actor, at=now, detail=detail)
        then(session, appointment, document, ())
        return former

    def _forget_original(self, session: Session, document_id: int, actor: str) -> bool:
        original = session.get(DocumentOriginal, document_id, with_for_update=True)
        if original is None:
            return False
        document = session.get_one(Document, document_id)
        appointment = session.get_one(Appointment, document.appointment_id)
        session.delete(original)
        detail = f"document {document.number}"
        now = self._now()
        act = Act.ORIGINAL_ERASED
        tell(session, act, appointment, actor=actor, at=now, detail=detail)
        remove_first(session, self._archive.store, [original.sha256])
        return True


def may_come_back(
    original: DocumentOriginal, appointment: Appointment, now: datetime
) -> bool:
    """Tell whether what was scanned at first can still come back."""
    is_recent = now - original.arranged_at < COMES_BACK_WITHIN
    return is_recent or appointment.state in ON_THE_LINE


def _locked(session: Session, document_id: int) -> tuple[Document, Appointment]:
    """Lock the appointment first, as everybody does, then read the document anew."""
    document = session.get_one(Document, document_id)
    appointment = session.get_one(
        Appointment, document.appointment_id, with_for_update=True
    )
    session.refresh(document, with_for_update=True)
    if document.removed_at is not None:
        raise DocumentGone
    return document, appointment


def _changed_by(session: Session, document_id: int) -> str:
    line = session.get(Arrangement, document_id)
    return line.changed_by if line is not None else ""


def _check_sources(session: Session, pages: Sequence[LaidPage]) -> None:
    """Raise SourceGone where a page's document has another content now, or none."""
    wanted = {(page.document_id, page.sha256) for page in pages}
    found = session.execute(
        select(Document.id, Document.sha256).where(
            Document.id.in_([document_id for document_id, _ in wanted]),
            Document.removed_at.is_(None),
        )
    )
    if wanted - {(row.id, row.sha256) for row in found}:
        raise SourceGone
