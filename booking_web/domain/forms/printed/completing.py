# SPDX-License-Identifier: AGPL-3.0-or-later
"""Makes the signed document of what came back: its pages upright, in order, as scanned."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from booking_web.base.own_process import memory_file
from booking_web.domain.documents.archive import Archive, Source
from booking_web.domain.forms.page_taken import PageTaken
from booking_web.domain.forms.printed.errors import NotComplete
from booking_web.domain.forms.printed.overview import standing_of
from booking_web.domain.forms.printed.rows import find_printed, returned_pages
from booking_web.domain.forms.return_reader import ReturnReader
from booking_web.domain.journal.telling import tell
from booking_web.tables.appointment import Appointment
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

        Raises PrintedFormGone, NotComplete, FormRefused, EngineUnavailable,
        DocumentRefused or StoreUnavailable; then nothing is left.
        """
        with self._database.read() as session:
            printed = find_printed(session, appointment_id, printed_id)
            if (number := _signed(printed)) is not None:
                return number
            counted = _counted(session, printed)
        scans = list({row.document_id: row.document for row in counted}.values())
        sources = [b"".join(self._archive.read(each)) for each in scans]
        places = {each.id: at for at, each in enumerate(scans)}
        pages = [
            PageTaken(places[row.document_id], row.scanned, row.turn, row.askew)
            for row in counted
        ]
        pdf = self._reader.assemble(sources, pages)

        def note(session: Session, document: Document) -> None:
            row = find_printed(session, appointment_id, printed_id, to_change=True)
            if (other := _signed(row)) is not None:
                raise _MadeMeanwhile(other)
            row.signed_document_id = document.id
            appointment = session.get_one(Appointment, appointment_id)
            detail = (
                f"document {row.document.number}, signed document {document.number}"
            )
            act, at = Act.FORM_RETURNED, self._now()
            tell(session, act, appointment, actor=actor, at=at, detail=detail)

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


class _MadeMeanwhile(Exception):
    """Another sending of the same was quicker."""

    def __init__(self, number: int) -> None:
        super().__init__("made meanwhile")
        self.number = number


def _signed(printed: PrintedForm) -> int | None:
    signed = printed.signed_document
    return signed.number if signed and signed.removed_at is None else None


def _counted(session: Session, printed: PrintedForm) -> list[ReturnedPage]:
    """Give the pages that count, in order; raises NotComplete."""
    rows = returned_pages(session, printed.appointment_id)
    standing = standing_of(printed, rows)
    if not standing.is_complete:
        raise NotComplete(str(printed.id))
    by_id = {row.id: row for row in rows}
    return [by_id[page.counted.id] for page in standing.pages if page.counted]
