# SPDX-License-Identifier: AGPL-3.0-or-later
"""Looks through the scans of an appointment for the pages that were printed in it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.base.transactions import in_transaction
from booking_web.domain.documents.archive import Archive
from booking_web.domain.documents.errors import StoreUnavailable
from booking_web.domain.forms.errors import EngineUnavailable, FormRefused
from booking_web.domain.forms.library_reading import read_edition
from booking_web.domain.forms.printed.claims import (
    claim_scan,
    note_progress,
    settle,
    unread_scans,
)
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
from booking_web.domain.journal.telling import tell
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


@dataclass(frozen=True)
class _Page:
    """A scanned page with the printed form that it is of, and what is seen in its zones."""

    named: PageNamed
    form: PrintedForm | None
    zones: dict[str, str]


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
        # Most often there is none: nobody has to wait for the database's lock then.
        with self._database.read() as session:
            if not unread_scans(session, appointment_id, self._now()):
                return None
        return in_transaction(
            self._database,
            lambda session: claim_scan(session, appointment_id, self._now()),
        )

    def _read(self, document: Document) -> None:
        try:
            pages = self._look_through(document)
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
                self._database, lambda session: self._keep(session, document, pages)
            )

    def _look_through(self, document: Document) -> list[_Page]:
        scan = b"".join(self._archive.read(document))
        with self._database.read() as session:
            printed = printed_forms(session, document.appointment_id)
        forms = {printing_of(each): each for each in printed}

        def progress(count: int) -> None:
            in_transaction(
                self._database,
                lambda session: note_progress(session, document, count, self._now()),
            )

        seen = self._reader.look_at(scan, document.pages, progress)
        key = self._archive.store.key.derived(KEY_PURPOSE)
        named = name_pages(seen, document.appointment_id, forms, key)
        pages = []
        zones: dict[int, dict[str, str]] = {}
        for printing, form in forms.items():
            its = [p for p in named if p.mark and p.mark.printing == printing]
            if its:
                zones |= self._zones(scan, form, its)
        for page in named:
            is_ours = page.mark and page.kind is ReturnedKind.EXPECTED
            of = forms[page.mark.printing] if page.mark and is_ours else None
            pages.append(_Page(page, of, zones.get(page.scanned, {})))
        return pages

    def _zones(
        self, scan: bytes, form: PrintedForm, pages: list[PageNamed]
    ) -> dict[int, dict[str, str]]:
        """Tell of each scanned page how the zones of its places look."""
        with self._database.read() as session:
            description = read_edition(session, form.edition_id).description
        zones: dict[int, dict[str, str]] = {
            each.scanned: {
                place: ZoneState.UNCERTAIN.value
                for place in signature_places(description, each.mark.page)
            }
            for each in pages
            if each.mark
        }
        if any(zones.values()):
            pdf = b"".join(self._archive.read(form.document))
            marked = MarkedForm(pdf, codes_of(form))
            for seen in self._reader.signatures(scan, marked, description, pages):
                zones[seen.scanned][seen.place] = seen.state.value
        return zones

    def _keep(self, session: Session, document: Document, pages: list[_Page]) -> None:
        row = session.get_one(ScanReading, document.id, with_for_update=True)
        if row.sha256 != document.sha256:
            # Laid anew meanwhile: whoever claimed it then tells.
            return
        query = select(ReturnedPage).where(ReturnedPage.document_id == document.id)
        before = {each.scanned: each for each in session.scalars(query)}
        for page in pages:
            kept = before.pop(page.named.scanned, None)
            if kept is None or not kept.said_by:
                # What a person said of a page stays.
                _write(session, kept, document, page)
        for beyond in before.values():
            session.delete(beyond)
        now = self._now()
        row.pages_seen = len(pages)
        settle(session, row, document, ReadingState.DONE, now)
        appointment = session.get_one(Appointment, document.appointment_id)
        found = sum(page.form is not None for page in pages)
        detail = f"document {document.number}, {found} of {len(pages)} pages"
        tell(session, Act.SCAN_READ, appointment, actor=ACTOR, at=now, detail=detail)

    def _fail(self, document: Document, reason: str) -> None:
        def work(session: Session) -> None:
            row = session.get_one(ScanReading, document.id, with_for_update=True)
            now = self._now()
            settle(session, row, document, ReadingState.FAILED, now, reason)

        in_transaction(self._database, work)


def _write(
    session: Session, kept: ReturnedPage | None, document: Document, page: _Page
) -> None:
    if kept is None:
        kept = ReturnedPage(document_id=document.id, scanned=page.named.scanned)
        session.add(kept)
    mark = page.named.mark
    kept.kind, kept.turn = page.named.kind, page.named.turn
    kept.askew = page.named.askew
    kept.printed_form_id = page.form.id if page.form else None
    kept.page = mark.page if page.form and mark else 0
    kept.zones = page.zones
    kept.said_by = ""
