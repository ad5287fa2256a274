# SPDX-License-Identifier: AGPL-3.0-or-later
"""Prints drafts: looked over before, marked, kept as documents, noted which revision.

Who may do it is settled by the caller, and so is the job at the printer.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.base.own_process import memory_file
from booking_web.domain.documents.archive import Archive
from booking_web.domain.forms.description import Field, FieldKind
from booking_web.domain.forms.draft_outcomes import OpenDraft
from booking_web.domain.forms.drafts import Drafts
from booking_web.domain.forms.errors import DraftGone
from booking_web.domain.forms.library_reading import Edition, read_edition
from booking_web.domain.forms.mark import Printing
from booking_web.domain.forms.page_taken import PageTaken
from booking_web.domain.forms.printed.rows import KEY_PURPOSE, parts_of
from booking_web.domain.forms.reader import FormReader
from booking_web.domain.forms.remarks import Remark
from booking_web.domain.forms.return_reader import ReturnReader
from booking_web.domain.journal.telling import tell
from booking_web.tables.appointment import Appointment
from booking_web.tables.document_sources import Source
from booking_web.tables.documents import Document
from booking_web.tables.journal_acts import Act
from booking_web.tables.printed_forms import PrintedForm, PrintedPart
from provisioning.database.engine import Database


@dataclass(frozen=True)
class Doubt:
    """A field that would not be printed well; empty where it should not be."""

    key: str
    label: str
    page: int
    remarks: tuple[Remark, ...]
    is_empty: bool


@dataclass(frozen=True)
class LookedOver:
    """A draft as it would be printed now. Its representation tells none of it."""

    appointment_id: int
    draft: OpenDraft = field(repr=False)
    edition: Edition = field(repr=False)
    pdf: bytes = field(repr=False)
    doubts: tuple[Doubt, ...] = field(repr=False)

    @property
    def revision(self) -> int:
        """Give the draft's when it was read."""
        return self.draft.revision


@dataclass(frozen=True)
class Printed:
    """The document that is printed; `unmarked` are the pages without room for a mark."""

    document: int
    is_new: bool
    unmarked: tuple[int, ...]


class PrintedForms:
    """Makes drafts documents that are printed and known again when they come back."""

    def __init__(
        self,
        database: Database,
        archive: Archive,
        drafts: Drafts,
        reader: FormReader,
        marks: ReturnReader,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._archive = archive
        self._drafts = drafts
        self._reader = reader
        self._marks = marks
        self._now = now

    def look_over(self, appointment_id: int, draft_id: int) -> LookedOver:
        """Give a draft of the appointment as it would be printed.

        Raises DraftGone, UnknownForm, FormRefused, EngineUnavailable or StoreUnavailable.
        """
        draft = self._drafts.read(draft_id)
        if draft.appointment_id != appointment_id:
            raise DraftGone(str(draft_id))
        with self._database.read() as session:
            edition = read_edition(session, draft.edition_id)
        pdf = b"".join(self._archive.store.read(edition.sha256))
        final = self._reader.finish(pdf, edition.description, draft.values)
        doubts = _doubts(edition, draft.values, final.remarks)
        return LookedOver(appointment_id, draft, edition, final.pdf, doubts)

    def keep(self, looked: LookedOver, title: str, actor: str) -> Printed:
        """Make it a document with its marks, unless that revision is one already.

        Raises FormRefused, EngineUnavailable, DocumentRefused or StoreUnavailable; then
        nothing is left.
        """
        with self._database.read() as session:
            if known := _same(session, looked):
                return _printed(known, is_new=False)
        pdf, row = self._marked(looked, actor)

        def note(session: Session, document: Document) -> None:
            if known := _same(session, looked):
                raise _PrintedMeanwhile(_printed(known, is_new=False))
            row.document_id, row.printed_at = document.id, self._now()
            session.add(row)
            session.flush()
            _tell_printed(session, row, document, actor)

        try:
            document = self._add(looked.appointment_id, pdf, title, actor, note)
        except _PrintedMeanwhile as other:
            return other.printed
        return Printed(document.number, True, _unmarked(row))

    def _marked(self, looked: LookedOver, actor: str) -> tuple[bytes, PrintedForm]:
        """Give what is printed, and its row, which is not kept yet."""
        edition = looked.edition
        pages = len(edition.description.pages)
        printing = Printing.of(
            looked.pdf,
            appointment=looked.appointment_id,
            draft=looked.draft.id,
            edition=edition.id,
            pages=pages,
        )
        key = self._archive.store.key.derived(KEY_PURPOSE)
        marked = self._marks.with_marks(looked.pdf, edition.description, printing, key)
        row = PrintedForm(
            appointment_id=looked.appointment_id,
            draft_id=looked.draft.id,
            edition_id=edition.id,
            revision=looked.revision,
            pages=pages,
            sha256=sha256(looked.pdf).hexdigest(),
            codes=[each and asdict(each) for each in marked.codes],
            printed_by=actor,
        )
        return marked.pdf, row

    def keep_part(
        self,
        printed: PrintedForm,
        appointment_id: int,
        pages: Sequence[int],
        title: str,
        actor: str,
    ) -> int:
        """Give the number of a document of the appointment with these pages, made once.

        Raises as `keep`.
        """
        wanted = sorted(pages)
        is_of_here = printed.appointment_id == appointment_id
        if is_of_here and len(wanted) == printed.pages:
            return printed.document.number

        def known(session: Session) -> int | None:
            parts = parts_of(session, printed.id, appointment_id)
            same = [each for each in parts if each.pages == wanted]
            return same[0].document.number if same else None

        with self._database.read() as session:
            number = known(session)
        if number is not None:
            return number
        whole = b"".join(self._archive.read(printed.document))
        part = self._marks.assemble([whole], [PageTaken(0, page) for page in wanted])

        def note(session: Session, document: Document) -> None:
            if (other := known(session)) is not None:
                raise _PrintedMeanwhile(Printed(other, False, ()))
            session.add(
                PrintedPart(
                    printed_form_id=printed.id, pages=wanted, document_id=document.id
                )
            )

        try:
            return self._add(appointment_id, part, title, actor, note).number
        except _PrintedMeanwhile as other:
            return other.printed.document

    def _add(
        self,
        appointment_id: int,
        pdf: bytes,
        title: str,
        actor: str,
        then: Callable[[Session, Document], None],
    ) -> Document:
        with memory_file("printed", pdf) as file:
            return self._archive.add(
                appointment_id,
                file,
                title=title,
                source=Source.MADE,
                actor=actor,
                then=then,
            )


class _PrintedMeanwhile(Exception):
    """Another sending of the same was quicker; the document that was begun goes."""

    def __init__(self, printed: Printed) -> None:
        super().__init__("printed meanwhile")
        self.printed = printed


def _tell_printed(
    session: Session, row: PrintedForm, document: Document, actor: str
) -> None:
    appointment = session.get_one(Appointment, row.appointment_id)
    detail = (
        f"draft {row.draft_id}, revision {row.revision}, document {document.number}"
    )
    act, at = Act.FORM_PRINTED, row.printed_at
    tell(session, act, appointment, actor=actor, at=at, detail=detail)


def _same(session: Session, looked: LookedOver) -> PrintedForm | None:
    query = (
        select(PrintedForm)
        .join(Document, Document.id == PrintedForm.document_id)
        .where(
            PrintedForm.appointment_id == looked.appointment_id,
            PrintedForm.draft_id == looked.draft.id,
            PrintedForm.revision == looked.revision,
            Document.removed_at.is_(None),
        )
    )
    return session.scalars(query).first()


def _printed(row: PrintedForm, *, is_new: bool) -> Printed:
    return Printed(row.document.number, is_new, _unmarked(row))


def _unmarked(row: PrintedForm) -> tuple[int, ...]:
    return tuple(n for n, code in enumerate(row.codes, start=1) if code is None)


def _doubts(
    edition: Edition,
    values: Mapping[str, str],
    remarks: Mapping[str, tuple[Remark, ...]],
) -> tuple[Doubt, ...]:
    labels = {each.key: each.label for each in edition.asked}
    found = []
    for each in edition.description.fields:
        told = remarks.get(each.key, ())
        is_empty = _is_missing(each, values.get(each.key, each.value))
        if told or is_empty:
            page = each.places[0].page if each.places else 1
            label = labels.get(each.key) or each.label
            found.append(Doubt(each.key, label, page, told, is_empty))
    return tuple(found)


def _is_missing(asked: Field, value: str) -> bool:
    is_filled_in = not asked.is_read_only and asked.kind is not FieldKind.SIGNATURE
    return asked.is_required and is_filled_in and not value.strip()
