# SPDX-License-Identifier: AGPL-3.0-or-later
"""Keeps arrangements beside the request that asked for it, and tells how far it is.

How far is written in the table's line: any page, of any web worker, sees it. Where the
process dies, its line tells nothing any more, and the pages lie as they did.
"""

import threading
from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from booking_web.base.transactions import DatabaseBusy, in_transaction
from booking_web.domain.documents.arranging import Change
from booking_web.domain.documents.errors import (
    DocumentRefused,
    StoreFull,
    StoreUnavailable,
)
from booking_web.domain.documents.keeping import DocumentGone, Keeper, SourceGone, Then
from booking_web.domain.documents.laid_pages import LayingRefused
from booking_web.domain.journal.promises import News
from booking_web.domain.journal.telling import tell_pages
from booking_web.tables.appointment import Appointment
from booking_web.tables.arrangements import Arrangement
from booking_web.tables.documents import Document
from provisioning.database.engine import Database

logger = structlog.get_logger(__name__)

# What a line tells of a failure, besides the values of `Refusal`.
CHANGED, SOURCE_GONE = "changed", "source_gone"
FULL, UNAVAILABLE, FAILED = "full", "unavailable", "failed"
# Two at a time in each process: others wait, and are told to be under way.
AT_ONCE = 2


def begin_keeping(change: Change) -> None:
    """Note that the pages are being kept as they lie; raises LayingRefused."""
    line = change.line()
    line.keeping_at, line.trouble = change.now, ""
    line.pages_kept, line.pages_to_keep = 0, len(line.pages)
    tell_pages(change.session, News.PAGES_LAID, change.appointment, change.now)


class Keepings:
    """Keeps what was begun by `begin_keeping`; make it after a fork, not before."""

    def __init__(
        self, database: Database, keeper: Keeper, now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._keeper = keeper
        self._now = now
        self._free = threading.Semaphore(AT_ONCE)

    def start(
        self, document_id: int, revision: int, actor: str, then: Then
    ) -> threading.Event:
        """Keep it in a thread of its own; what is given is set once that has ended."""
        ended = threading.Event()

        def work() -> None:
            try:
                with self._free:
                    self._keep(document_id, revision, actor, then)
            finally:
                ended.set()

        threading.Thread(target=work, name="keeping", daemon=True).start()
        return ended

    def _keep(self, document_id: int, revision: int, actor: str, then: Then) -> None:
        try:
            self._keeper.keep(
                document_id,
                revision,
                actor,
                then=then,
                tell_progress=lambda done, pages: self._tell_progress(
                    document_id, done, pages
                ),
            )
            trouble = ""
        except Exception as error:
            trouble = _trouble_of(error)
            if trouble == FAILED:
                logger.exception("an arrangement was not kept", document=document_id)
        self._write(document_id, lambda line: _end(line, trouble))

    def _tell_progress(self, document_id: int, done: int, pages: int) -> None:
        def note(line: Arrangement) -> None:
            line.keeping_at = self._now()
            line.pages_kept, line.pages_to_keep = done, pages

        self._write(document_id, note)

    def _write(self, document_id: int, note: Callable[[Arrangement], None]) -> None:
        """Write it into the line, if that is to be had; it is told, no more."""

        def work(session: Session) -> None:
            document = session.get_one(Document, document_id)
            appointment = session.get_one(Appointment, document.appointment_id)
            line = session.get(Arrangement, document_id, with_for_update=True)
            if line is not None:
                note(line)
                tell_pages(session, News.PAGES_LAID, appointment, self._now())

        try:
            in_transaction(self._database, work)
        except DatabaseBusy:
            logger.warning("how far it is was not told", document=document_id)


def _end(line: Arrangement, trouble: str) -> None:
    line.keeping_at = None
    line.trouble = trouble


def _trouble_of(error: Exception) -> str:
    if isinstance(error, DocumentRefused):
        return str(error.reason)
    if isinstance(error, StoreFull):
        return FULL
    if isinstance(error, (StoreUnavailable, DatabaseBusy)):
        return UNAVAILABLE
    if isinstance(error, SourceGone):
        return SOURCE_GONE
    if isinstance(error, (DocumentGone, LayingRefused)):
        return CHANGED
    return FAILED
