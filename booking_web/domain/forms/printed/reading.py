# SPDX-License-Identifier: AGPL-3.0-or-later
"""Looks through the scans of an appointment for pages that were printed for its resident."""

from collections.abc import Callable
from datetime import datetime

import structlog
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
from booking_web.domain.forms.printed.elsewhere import printed_elsewhere
from booking_web.domain.forms.printed.pages_read import PageRead, keep_pages
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
from booking_web.tables.appointment import Appointment
from booking_web.tables.documents import Document
from booking_web.tables.printed_forms import (
    OF_A_FORM,
    PrintedForm,
    ReadingState,
    ScanReading,
    ZoneState,
)
from provisioning.database.engine import Database

logger = structlog.get_logger(__name__)


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
                self._database,
                lambda session: keep_pages(session, document, pages, self._now()),
            )

    def _look_through(self, document: Document) -> list[PageRead]:
        scan = b"".join(self._archive.read(document))
        with self._database.read() as session:
            printed, likely = _forms_wanted(session, document.appointment_id)
        forms = {printing_of(each): each for each in (*printed, *likely)}

        def progress(count: int) -> None:
            in_transaction(
                self._database,
                lambda session: note_progress(session, document, count, self._now()),
            )

        seen = self._reader.look_at(scan, document.pages, progress)
        named = name_pages(
            seen,
            document.appointment_id,
            {printing_of(each) for each in printed},
            self._archive.store.key.derived(KEY_PURPOSE),
            {printing_of(each) for each in likely},
        )
        pages = []
        zones: dict[int, dict[str, str]] = {}
        for printing, form in forms.items():
            its = [p for p in named if p.mark and p.mark.printing == printing]
            if its:
                zones |= self._zones(scan, form, its)
        for page in named:
            is_of_a_form = page.mark and page.kind in OF_A_FORM
            of = forms[page.mark.printing] if page.mark and is_of_a_form else None
            pages.append(PageRead(page, of, zones.get(page.scanned, {})))
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

    def _fail(self, document: Document, reason: str) -> None:
        def work(session: Session) -> None:
            row = session.get_one(ScanReading, document.id, with_for_update=True)
            now = self._now()
            settle(session, row, document, ReadingState.FAILED, now, reason)

        in_transaction(self._database, work)


def _forms_wanted(
    session: Session, appointment_id: int
) -> tuple[list[PrintedForm], list[PrintedForm]]:
    """Give the forms whose pages are taken, and those of which somebody must be asked."""
    printed = printed_forms(session, appointment_id)
    known = {each.id for each in printed}
    appointment = session.get_one(Appointment, appointment_id)
    elsewhere = [
        each
        for each in printed_elsewhere(session, appointment)
        if each.printed.id not in known
    ]
    taken = [each.printed for each in elsewhere if each.is_sure]
    likely = [each.printed for each in elsewhere if not each.is_sure]
    return [*printed, *taken], likely
