# SPDX-License-Identifier: AGPL-3.0-or-later
"""The documents of appointments: taken in, given out, removed, each act in the journal.

`actor` is how the journal names who does it; that they may is settled by the caller.
"""

import contextlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking_web.base.settings import Settings
from booking_web.base.transactions import in_transaction
from booking_web.domain.consents.barring import is_barred
from booking_web.domain.documents.errors import (
    DocumentRefused,
    Refusal,
    StoreNotConfigured,
)
from booking_web.domain.documents.examiner import Examiner
from booking_web.domain.documents.naming import printable
from booking_web.domain.documents.needed import is_needed
from booking_web.domain.documents.removing import remove_first
from booking_web.domain.documents.sealed_file import DocumentsKey
from booking_web.domain.documents.store import DocumentStore, OpenContent
from booking_web.domain.documents.table_lines import forget_arrangement
from booking_web.domain.documents.virus_scan import ClamdScan, VirusScan, no_virus_scan
from booking_web.domain.journal.telling import tell
from booking_web.tables.appointment import Appointment
from booking_web.tables.device_jobs import MAX_NUMBER
from booking_web.tables.document_sources import Source
from booking_web.tables.documents import TITLE_LENGTH, Document
from booking_web.tables.journal_acts import Act
from provisioning.database.engine import Database

logger = structlog.get_logger(__name__)

MEGABYTE = 1024 * 1024
# How the journal calls it that a document came; any other was added.
_ACTS = {Source.SCAN: Act.SCANNED, Source.STILL: Act.STILL_KEPT}
# What is the resident's own, and kept only as long as they agree.
_OF_THE_RESIDENT = frozenset(_ACTS)


class Archive:
    """The documents of one site. Every method may raise StoreUnavailable."""

    def __init__(
        self,
        database: Database,
        store: DocumentStore | None,
        virus_scan: VirusScan,
        examiner: Examiner,
        max_bytes: int,
        max_pages: int,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._store = store
        self._virus_scan = virus_scan
        self.examiner = examiner
        self.max_bytes = max_bytes
        self.max_pages = max_pages
        self._now = now

    @property
    def is_configured(self) -> bool:
        """Tell whether the site keeps documents at all."""
        return self._store is not None

    @property
    def store(self) -> DocumentStore:
        """Give the folder; raises StoreNotConfigured where the site has none."""
        if self._store is None:
            raise StoreNotConfigured("documents_dir and documents_key_file are not set")
        return self._store

    def get_ready(self) -> None:
        """Have what the next document needs started; raises StoreNotConfigured."""
        self.store.sweep()
        self.examiner.get_ready()

    def add(
        self,
        appointment_id: int,
        file: BinaryIO,
        *,
        title: str,
        source: Source,
        actor: str,
        verdicts: str = "",
        then: Callable[[Session, Document], None] = lambda session, document: None,
    ) -> Document:
        """Examine the file, keep it, and make it the appointment's next document.

        `file` must have a descriptor; `then` runs in the same transaction. Raises
        DocumentRefused.
        """
        store = self.store
        self._check_size(file)
        self._virus_scan(file)
        examined = self.examiner.examine(file, self.max_pages)
        with contextlib.closing(examined.pdf) as pdf, store.exclusively():
            sha256 = store.put(pdf)
            document = Document(
                appointment_id=appointment_id,
                title=printable(title)[:TITLE_LENGTH],
                sha256=sha256,
                size=pdf.tell(),
                pages=examined.pages,
                source=str(source),
                verdicts=verdicts,
                created_at=self._now(),
                created_by=actor,
                removal_reason="",
            )
            try:
                in_transaction(
                    self._database, lambda session: self._file(session, document, then)
                )
            except BaseException:
                self.remove_unless_needed(sha256)
                raise
        # Papers seldom come alone.
        self.examiner.get_ready()
        logger.info(
            "document added",
            appointment=appointment_id,
            document=document.number,
            pages=document.pages,
            source=str(source),
        )
        return document

    def read(self, document: Document) -> OpenContent:
        """Give the PDF piece by piece."""
        return self.store.read(document.sha256)

    def preview(self, document: Document) -> bytes:
        """Give a PNG of the first page, drawn when it is first asked for.

        Raises DocumentRefused where the page cannot be drawn.
        """
        store = self.store
        known = store.read_preview(document.sha256)
        if known is not None:
            return known
        with store.in_memory(document.sha256) as pdf:
            with self.examiner.draw_preview(pdf) as picture:
                data = picture.read()
                picture.seek(0)
                with store.exclusively():
                    if self.is_needed(document.sha256):
                        store.put_preview(document.sha256, picture)
        return data

    def draw_page(self, document: Document, page: int, is_large: bool = False) -> bytes:
        """Give a PNG of a page, large enough for a screen, or a large JPEG; kept nowhere.

        Raises DocumentRefused where there is no such page or it cannot be drawn.
        """
        draw = self.examiner.draw_large if is_large else self.examiner.draw_page
        with self.store.in_memory(document.sha256) as pdf:
            with draw(pdf, page) as picture:
                return picture.read()

    def remove(self, document_id: int, reason: str, actor: str) -> bool:
        """Remove a document, and its content unless needed; False where it was gone already."""

        def work(session: Session) -> bool:
            contents = self.strike_out(session, document_id, reason, actor)
            remove_first(session, self.store, contents)
            return bool(contents)

        with self.store.exclusively():
            return in_transaction(self._database, work)

    def give_out(
        self, document: Document, act: Act, actor: str, how: str = ""
    ) -> OpenContent:
        """Give the PDF piece by piece, and write down who had it, and how.

        Nothing is given where that cannot be written.
        """
        content = self.read(document)
        try:
            self._note(document, act, actor, how)
        except BaseException:
            content.close()
            raise
        return content

    def _note(self, document: Document, act: Act, actor: str, how: str) -> None:
        detail = f"document {document.number}"
        in_transaction(
            self._database,
            lambda session: tell(
                session,
                act,
                session.get_one(Appointment, document.appointment_id),
                actor=actor,
                at=self._now(),
                detail=f"{detail}, {how}" if how else detail,
            ),
        )

    def _check_size(self, file: BinaryIO) -> None:
        size = file.seek(0, 2)
        file.seek(0)
        if size == 0:
            raise DocumentRefused(Refusal.EMPTY)
        if size > self.max_bytes:
            raise DocumentRefused(Refusal.TOO_LARGE)

    def _file(
        self,
        session: Session,
        document: Document,
        then: Callable[[Session, Document], None],
    ) -> None:
        # Whoever numbers documents of this appointment waits here (PostgreSQL).
        appointment = session.get_one(
            Appointment, document.appointment_id, with_for_update=True
        )
        is_theirs = document.source in _OF_THE_RESIDENT
        if is_theirs and is_barred(session, appointment.id):
            raise DocumentRefused(Refusal.RESIDENT_DISAGREES)
        last = session.scalar(
            select(func.max(Document.number)).where(
                Document.appointment_id == appointment.id
            )
        )
        document.number = (last or 0) + 1
        if document.number > MAX_NUMBER:
            raise DocumentRefused(Refusal.TOO_MANY_DOCUMENTS)
        session.add(document)
        session.flush()
        then(session, document)
        now = self._now()
        detail = f"document {document.number}, {document.pages} pages"
        act = _ACTS.get(Source(document.source), Act.DOCUMENT_ADDED)
        actor = document.created_by
        tell(session, act, appointment, actor=actor, at=now, detail=detail)

    def strike_out(
        self, session: Session, document_id: int, reason: str, actor: str
    ) -> list[str]:
        """Take a document from its appointment; give the contents that are then to go."""
        document = session.get(Document, document_id, with_for_update=True)
        if document is None or document.removed_at is not None:
            return []
        now = self._now()
        document.removed_at = now
        document.removal_reason = reason
        document.title = ""
        appointment = session.get_one(Appointment, document.appointment_id)
        detail = f"document {document.number}, {reason}"
        act = Act.DOCUMENT_REMOVED
        tell(session, act, appointment, actor=actor, at=now, detail=detail)
        return [document.sha256, *forget_arrangement(session, document)]

    def is_needed(self, sha256: str) -> bool:
        """Tell whether anything has this content; ask under the store's `exclusively`."""
        with self._database.read() as session:
            return is_needed(session, sha256)

    def remove_unless_needed(self, sha256: str) -> None:
        """Remove a content that nothing has any more; call it under `exclusively`."""
        if not self.is_needed(sha256):
            self.store.remove(sha256)


def open_archive(
    settings: Settings, database: Database, now: Callable[[], datetime]
) -> Archive:
    """Give the archive that the settings describe; it opens no file but the key's."""
    store = None
    if settings.documents_dir and settings.documents_key_file:
        key = DocumentsKey.read(Path(settings.documents_key_file))
        store = DocumentStore(Path(settings.documents_dir), key)
    return Archive(
        database,
        store,
        (
            ClamdScan(Path(settings.clamd_socket))
            if settings.clamd_socket
            else no_virus_scan
        ),
        Examiner(),
        settings.documents_max_megabytes * MEGABYTE,
        settings.documents_max_pages,
        now,
    )
