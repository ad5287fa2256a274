# SPDX-License-Identifier: AGPL-3.0-or-later
"""Looks through the scans of an appointment for the pages that were printed in it.

A scan that nobody looked through is known by having no row: whatever brings a document
needs no line here, and cannot fail because of it. Whoever reads claims the scan first; a
claim whose holder died runs out.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from booking_web.base.transactions import in_transaction
from booking_web.domain.documents.archive import Archive, Source
from booking_web.domain.documents.errors import StoreUnavailable
from booking_web.domain.forms.errors import EngineUnavailable, FormRefused
from booking_web.domain.forms.library_reading import read_edition
from booking_web.domain.forms.printed.rows import (
    KEY_PURPOSE,
    codes_of,
    printed_forms,
    printing_of,
)
from booking_web.domain.forms.return_reader import (
    MarkedForm,
    ReturnReader,
    signature_places,
)
from booking_web.domain.forms.returned_pages import PageNamed, name_pages
from booking_web.domain.journal.promises import News
from booking_web.domain.journal.telling import tell, tell_pages
from booking_web.tables.appointment import Appointment
from booking_web.tables.documents import Document
from booking_web.tables.journal_acts import Act
from booking_web.tables.printed_forms import (
    PrintedForm,
    ReadingState,
    ReturnedKind,
    ReturnedPage,
    ScanReading,
    ZoneState,
)
from provisioning.database.engine import Database

logger = structlog.get_logger(__name__)

ACTOR = "reader"
# Longer than a portion of a scan may take; each renews the claim.
CLAIM_LASTS = timedelta(seconds=90)
# A scan that ended its reader twice is left to a person.
MOST_ATTEMPTS = 2

Zones = dict[tuple[int, str], str]


def unread_scans(
    session: Session, appointment_id: int, now: datetime
) -> list[Document]:
    """List the scans that are still to be looked through, the oldest first.

    Only what came after the first form was printed can be a page of one.
    """
    first_printed = (
        select(func.min(Document.number))
        .join(PrintedForm, PrintedForm.document_id == Document.id)
        .where(PrintedForm.appointment_id == appointment_id)
        .scalar_subquery()
    )
    query = (
        select(Document)
        .outerjoin(ScanReading, ScanReading.document_id == Document.id)
        .where(
            Document.appointment_id == appointment_id,
            Document.removed_at.is_(None),
            Document.source.in_((Source.SCAN, Source.UPLOAD)),
            Document.number > first_printed,
            or_(
                ScanReading.document_id.is_(None),
                ScanReading.state == ReadingState.WAITING,
                (ScanReading.state == ReadingState.READING)
                & (ScanReading.claimed_at < now - CLAIM_LASTS),
            ),
        )
        .order_by(Document.number)
    )
    return list(session.scalars(query))


def read_again(session: Session, document: Document) -> None:
    """Have a scan looked through again, by whoever reads next."""
    row = session.get(ScanReading, document.id, with_for_update=True)
    if row is not None and row.state in (ReadingState.FAILED, ReadingState.DONE):
        row.state, row.reason, row.attempts = ReadingState.WAITING, "", 0


class ScanReader:
    """Looks through scans, one at a time for each caller."""

    def __init__(
        self,
        database: Database,
        archive: Archive,
        reader: ReturnReader,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._archive = archive
        self._reader = reader
        self._now = now

    def read_all(self, appointment_id: int) -> int:
        """Look through all scans of an appointment that wait for it; give how many."""
        count = 0
        while (document := self._claim(appointment_id)) is not None:
            self._read(document)
            count += 1
        return count

    def _claim(self, appointment_id: int) -> Document | None:
        def work(session: Session) -> Document | None:
            # Who claims for the same appointment waits here (PostgreSQL).
            session.get_one(Appointment, appointment_id, with_for_update=True)
            now = self._now()
            for document in unread_scans(session, appointment_id, now):
                row = session.get(ScanReading, document.id)
                if row is None:
                    row = ScanReading(document_id=document.id, attempts=0, reason="")
                    session.add(row)
                if row.attempts >= MOST_ATTEMPTS:
                    _settle(row, ReadingState.FAILED, "given_up")
                    self._tell_pages(session, document)
                    continue
                row.state, row.claimed_at = ReadingState.READING, now
                row.attempts += 1
                row.pages_seen = 0
                self._tell_pages(session, document)
                return document
            return None

        return in_transaction(self._database, work)

    def _read(self, document: Document) -> None:
        try:
            found = self._look_through(document)
        except FormRefused as refused:
            self._fail(document, refused.reason.value)
        except EngineUnavailable:
            self._fail(document, "no_process")
        except StoreUnavailable:
            self._fail(document, "no_store")
        except Exception:
            logger.exception("a scan could not be read", document=document.id)
            self._fail(document, "failed")
        else:
            in_transaction(
                self._database, lambda session: self._keep(session, document, *found)
            )

    def _look_through(
        self, document: Document
    ) -> tuple[list[PageNamed], dict[int, PrintedForm], Zones]:
        scan = b"".join(self._archive.read(document))
        with self._database.read() as session:
            printed = printed_forms(session, document.appointment_id)
        printings = {printing_of(each): each for each in printed}
        seen = self._reader.look_at(
            scan, document.pages, lambda count: self._note_progress(document, count)
        )
        key = self._archive.store.key.derived(KEY_PURPOSE)
        pages = name_pages(seen, document.appointment_id, printings, key)
        of_form = {
            page.scanned: printings[page.mark.printing]
            for page in pages
            if page.mark and page.kind is ReturnedKind.EXPECTED
        }
        zones: Zones = {}
        for form in {each.id: each for each in of_form.values()}.values():
            its = [p for p in pages if of_form.get(p.scanned) is form]
            zones |= self._zones(scan, form, its)
        return pages, of_form, zones

    def _zones(self, scan: bytes, form: PrintedForm, pages: list[PageNamed]) -> Zones:
        with self._database.read() as session:
            description = read_edition(session, form.edition_id).description
        zones: Zones = {
            (each.scanned, place): ZoneState.UNCERTAIN
            for each in pages
            if each.mark
            for place in signature_places(description, each.mark.page)
        }
        if zones:
            pdf = b"".join(self._archive.read(form.document))
            marked = MarkedForm(pdf, codes_of(form))
            for seen in self._reader.signatures(scan, marked, description, pages):
                zones[seen.scanned, seen.place] = seen.state.value
        return zones

    def _keep(
        self,
        session: Session,
        document: Document,
        pages: list[PageNamed],
        of_form: dict[int, PrintedForm],
        zones: Zones,
    ) -> None:
        row = session.get_one(ScanReading, document.id, with_for_update=True)
        query = select(ReturnedPage).where(ReturnedPage.document_id == document.id)
        before = {each.scanned: each for each in session.scalars(query)}
        for page in pages:
            kept = before.get(page.scanned)
            if kept is None:
                kept = ReturnedPage(document_id=document.id, scanned=page.scanned)
                session.add(kept)
            elif kept.said_by:
                # What a person said of it stays.
                continue
            form = of_form.get(page.scanned)
            kept.kind, kept.turn, kept.askew = page.kind, page.turn, page.askew
            kept.printed_form_id = form.id if form else None
            kept.page = page.mark.page if form and page.mark else 0
            kept.said_by = ""
            kept.zones = {
                place: state
                for (scanned, place), state in zones.items()
                if scanned == page.scanned
            }
        _settle(row, ReadingState.DONE, "")
        row.pages_seen = len(pages)
        appointment = session.get_one(Appointment, document.appointment_id)
        detail = f"document {document.number}, {len(of_form)} of {len(pages)} pages"
        act, at = Act.SCAN_READ, self._now()
        tell(session, act, appointment, actor=ACTOR, at=at, detail=detail)

    def _note_progress(self, document: Document, count: int) -> None:
        def work(session: Session) -> None:
            row = session.get_one(ScanReading, document.id, with_for_update=True)
            row.pages_seen = count
            if row.state == ReadingState.READING:
                row.claimed_at = self._now()
            self._tell_pages(session, document)

        in_transaction(self._database, work)

    def _fail(self, document: Document, reason: str) -> None:
        def work(session: Session) -> None:
            row = session.get_one(ScanReading, document.id, with_for_update=True)
            _settle(row, ReadingState.FAILED, reason)
            self._tell_pages(session, document)

        in_transaction(self._database, work)

    def _tell_pages(self, session: Session, document: Document) -> None:
        appointment = session.get_one(Appointment, document.appointment_id)
        tell_pages(session, News.SCAN_IS_READ, appointment, self._now())


def _settle(row: ScanReading, state: ReadingState, reason: str) -> None:
    row.state, row.reason, row.claimed_at = state, reason, None
