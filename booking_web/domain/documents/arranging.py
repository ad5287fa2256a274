# SPDX-License-Identifier: AGPL-3.0-or-later
"""The table on which a document's pages are laid: read, changed, taken back.

Nothing of it touches the document before it is kept (`keeping`). Each function works in
the caller's transaction; those that change something want the appointment's row locked.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.documents.laid_pages import (
    LaidPage,
    LayingRefused,
    TooManyPages,
    find_page,
    pages_of,
    put_in_place,
)
from booking_web.domain.documents.naming import printable
from booking_web.domain.documents.table_lines import (
    fresh_pages,
    is_being_kept,
    line_to_change,
    note_change,
    remember_pages,
)
from booking_web.tables.appointment import Appointment
from booking_web.tables.arrangements import MARK_LENGTH, Arrangement
from booking_web.tables.device_jobs import FINAL, JobState
from booking_web.tables.documents import DeviceJob, Document

# What a table tells of one who began to keep it and died.
INTERRUPTED = "interrupted"


class NoSuchScan(LayingRefused):
    """The appointment has no such document whose pages could be joined."""


@dataclass(frozen=True)
class Table:
    """A document's pages as they lie now."""

    document: Document
    pages: tuple[LaidPage, ...]
    revision: int
    # Whether there is anything to keep, and to take back.
    is_changed: bool = False
    has_before: bool = False
    # What each page is to say across it; empty: nothing.
    mark: str = ""
    # The keys of the pages whose place a scan that is still to come will take.
    awaiting: frozenset[int] = field(default_factory=frozenset)
    # While it is being kept: how many pages are made, of how many; None: it is not.
    kept: tuple[int, int] | None = None
    trouble: str = ""


@dataclass(frozen=True, kw_only=True)
class Change:
    """Whose table is changed, as they saw it, by whom and when."""

    session: Session
    appointment: Appointment
    document: Document
    revision: int
    actor: str
    now: datetime

    def line(self) -> Arrangement:
        """Give the table's line, locked; raises ChangedMeanwhile or BeingKept."""
        return line_to_change(
            self.session, self.document, self.revision, self.actor, self.now
        )

    def note(self, line: Arrangement) -> None:
        """Have it be another revision, and open pages look again."""
        note_change(self.session, self.appointment, line, self.actor, self.now)


def read_table(session: Session, document: Document, now: datetime) -> Table:
    """Give the pages of a document as they lie now."""
    line = session.get(Arrangement, document.id)
    if line is None:
        whole = pages_of(document.id, document.sha256, document.pages, 1)
        return Table(document, tuple(whole), 0)
    pages = [LaidPage.from_json(each) for each in line.pages]
    first_key = pages[0].key if pages else 1
    whole = pages_of(document.id, document.sha256, document.pages, first_key)
    return Table(
        document,
        tuple(pages),
        line.revision,
        is_changed=bool(line.mark) or [*map(_lies, pages)] != [*map(_lies, whole)],
        has_before=bool(line.before),
        mark=line.mark,
        awaiting=_awaiting(session, line),
        kept=(
            (line.pages_kept, line.pages_to_keep) if is_being_kept(line, now) else None
        ),
        trouble=line.trouble or (INTERRUPTED if _was_interrupted(line, now) else ""),
    )


def unkept(session: Session, documents: Sequence[Document], now: datetime) -> set[int]:
    """Give the numbers of the documents whose pages lie otherwise and are not kept so."""
    ids = select(Arrangement.document_id).where(
        Arrangement.document_id.in_([each.id for each in documents])
    )
    begun = set(session.scalars(ids))
    return {
        each.number
        for each in documents
        if each.id in begun and read_table(session, each, now).is_changed
    }


def as_laid(session: Session, document: Document, page: int) -> LaidPage:
    """Give a page of a document as it lies on a table of its appointment, if on any.

    Its own table comes first. A page that lies on none is as it was scanned.
    """
    lines = session.scalars(
        select(Arrangement)
        .join(Document, Document.id == Arrangement.document_id)
        .where(
            Document.appointment_id == document.appointment_id,
            Document.removed_at.is_(None),
        )
        .order_by(Arrangement.document_id != document.id, Arrangement.document_id)
    )
    this = (document.id, document.sha256, page)
    for line in lines:
        for laid in map(LaidPage.from_json, line.pages):
            if (laid.document_id, laid.sha256, laid.page) == this:
                return laid
    return LaidPage(0, *this)


def lay(
    change: Change, laid: Callable[[Sequence[LaidPage]], Sequence[LaidPage]]
) -> None:
    """Lay the pages otherwise; raises LayingRefused."""
    line = change.line()
    lying = [LaidPage.from_json(each) for each in line.pages]
    pages = list(laid(lying))
    if pages != lying:
        remember_pages(line, pages)
        change.note(line)


def join_document(change: Change, number: int, max_pages: int) -> int:
    """Lay the pages of another document of the appointment after those on the table.

    Gives how many came. Raises LayingRefused.
    """
    other = change.session.scalar(
        select(Document).where(
            Document.appointment_id == change.appointment.id,
            Document.number == number,
            Document.id != change.document.id,
            Document.removed_at.is_(None),
        )
    )
    if other is None:
        raise NoSuchScan
    line = change.line()
    if len(line.pages) + other.pages > max_pages:
        raise TooManyPages
    lying = [LaidPage.from_json(each) for each in line.pages]
    remember_pages(line, [*lying, *fresh_pages(line, other)])
    change.note(line)
    return other.pages


def take_back(change: Change) -> None:
    """Lay the pages as they lay before the last change; raises LayingRefused."""
    line = change.line()
    if line.before:
        line.pages = line.before[-1]
        line.before = line.before[:-1]
        change.note(line)


def mark_copy(change: Change, words: str) -> None:
    """Have each page say these words across it, or nothing; raises LayingRefused."""
    line = change.line()
    mark = printable(words)[:MARK_LENGTH]
    if line.mark != mark:
        line.mark = mark
        change.note(line)


def await_scan(change: Change, key: int, job: int) -> None:
    """Have the pages of a scan job take a page's place when they come."""
    line = change.line()
    find_page([LaidPage.from_json(each) for each in line.pages], key)
    line.awaited = line.awaited | {str(job): key}
    change.note(line)


def take_repeated_scan(
    session: Session, uuid: str, document: Document, now: datetime
) -> None:
    """Put a scan that came in the place of the page that awaited its job, if one did."""
    job = session.scalar(select(DeviceJob).where(DeviceJob.uuid == uuid))
    if job is None or job.number is None:
        return
    lines = session.scalars(
        select(Arrangement)
        .join(Document, Document.id == Arrangement.document_id)
        .where(
            Document.appointment_id == document.appointment_id,
            Document.removed_at.is_(None),
        )
        .with_for_update(of=Arrangement)
    )
    for line in lines:
        key = line.awaited.get(str(job.number))
        if key is None:
            continue
        line.awaited = {k: v for k, v in line.awaited.items() if k != str(job.number)}
        lying = [LaidPage.from_json(each) for each in line.pages]
        if any(page.key == key for page in lying):
            come = fresh_pages(line, document)
            remember_pages(line, put_in_place(lying, key, come))
            appointment = session.get_one(Appointment, document.appointment_id)
            note_change(session, appointment, line, job.created_by, now)


def _was_interrupted(line: Arrangement, now: datetime) -> bool:
    return line.keeping_at is not None and not is_being_kept(line, now)


def _lies(page: LaidPage) -> tuple[object, ...]:
    return (page.document_id, page.sha256, page.page, page.turn, page.crop)


def _awaiting(session: Session, line: Arrangement) -> frozenset[int]:
    if not line.awaited:
        return frozenset()
    # A scan that was cancelled, or went wrong, is waited for in vain.
    in_vain = FINAL - {JobState.COMPLETED}
    numbers = session.scalars(
        select(DeviceJob.number)
        .join(Document, Document.appointment_id == DeviceJob.appointment_id)
        .where(
            Document.id == line.document_id,
            DeviceJob.number.in_([int(number) for number in line.awaited]),
            DeviceJob.state.not_in(in_vain),
        )
    )
    return frozenset(line.awaited[str(number)] for number in numbers)
