# SPDX-License-Identifier: AGPL-3.0-or-later
"""Makes the signed document of what came back: its pages upright, in order, as scanned."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from booking_web.base.own_process import memory_file
from booking_web.domain.documents.archive import Archive
from booking_web.domain.forms.page_taken import PageTaken
from booking_web.domain.forms.printed.errors import (
    KeptElsewhere,
    NotComplete,
    PagesChanged,
)
from booking_web.domain.forms.printed.overview import standing_of
from booking_web.domain.forms.printed.rows import find_printed, pages_of, signed_of
from booking_web.domain.forms.return_reader import ReturnReader
from booking_web.domain.journal.promises import News
from booking_web.domain.journal.telling import tell, tell_pages
from booking_web.tables.appointment import Appointment
from booking_web.tables.document_sources import Source
from booking_web.tables.documents import Document
from booking_web.tables.journal_acts import Act
from booking_web.tables.printed_forms import PrintedForm, ReturnedPage
from provisioning.database.engine import Database


class SignedForms:
    """Puts returned pages together; the document is kept beside the unsigned one."""

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

    def put_together(
        self, appointment_id: int, printed_id: int, title: str, actor: str
    ) -> int:
        """Make the signed document and give its number; the one that is there stays.

        It becomes a document of this appointment, wherever the form was printed. Raises
        PrintedFormGone, KeptElsewhere, NotComplete, PagesChanged, FormRefused,
        EngineUnavailable, DocumentRefused or StoreUnavailable; then nothing is left.
        """
        with self._database.read() as session:
            printed = find_printed(session, appointment_id, printed_id)
            if (number := _signed(printed, appointment_id)) is not None:
                return number
            counted = _counted(session, printed)
            wanted = _as_they_lie(counted)
        pdf = self._assembled(counted)

        def note(session: Session, document: Document) -> None:
            row = find_printed(session, appointment_id, printed_id, to_change=True)
            if (other := _signed(row, appointment_id)) is not None:
                raise _MadeMeanwhile(other)
            if _as_they_lie(_counted(session, row)) != wanted:
                raise PagesChanged(str(printed_id))
            row.signed_document_id = document.id
            appointment = session.get_one(Appointment, appointment_id)
            self._tell(session, row, appointment, document, actor)

        try:
            with memory_file("signed", pdf) as file:
                return self._archive.add(
                    appointment_id,
                    file,
                    title=title,
                    source=Source.MADE,
                    actor=actor,
                    then=note,
                ).number
        except _MadeMeanwhile as other:
            return other.number

    def _assembled(self, counted: Sequence[ReturnedPage]) -> bytes:
        scans = list({row.document_id: row.document for row in counted}.values())
        sources = [b"".join(self._archive.read(each)) for each in scans]
        places = {each.id: at for at, each in enumerate(scans)}
        pages = [
            PageTaken(places[row.document_id], row.scanned, row.turn, row.askew)
            for row in counted
        ]
        return self._reader.assemble(sources, pages)

    def _tell(
        self,
        session: Session,
        printed: PrintedForm,
        appointment: Appointment,
        signed: Document,
        actor: str,
    ) -> None:
        now, number = self._now(), printed.document.number
        detail = f"document {number}, signed document {signed.number}"
        if printed.appointment_id != appointment.id:
            detail = f"{detail}, printed in appointment {printed.appointment_id}"
            tell_pages(session, News.SCAN_IS_READ, printed.appointment, now)
        act = Act.FORM_RETURNED
        tell(session, act, appointment, actor=actor, at=now, detail=detail)


class _MadeMeanwhile(Exception):
    """Another sending of the same was quicker."""

    def __init__(self, number: int) -> None:
        super().__init__("made meanwhile")
        self.number = number


def _signed(printed: PrintedForm, appointment_id: int) -> int | None:
    signed = signed_of(printed)
    if signed is not None and signed.appointment_id != appointment_id:
        raise KeptElsewhere(signed.appointment_id, signed.number)
    return signed.number if signed else None


def _as_they_lie(counted: Sequence[ReturnedPage]) -> list[tuple[int, str, int, float]]:
    return [(row.id, row.document.sha256, row.turn, row.askew) for row in counted]


def _counted(session: Session, printed: PrintedForm) -> list[ReturnedPage]:
    """Give the pages that count, in order; raises NotComplete."""
    rows = pages_of(session, [printed])
    standing = standing_of(printed, rows)
    if not standing.is_complete:
        raise NotComplete(str(printed.id))
    by_id = {row.id: row for row in rows}
    return [by_id[page.counted.id] for page in standing.pages if page.counted]
