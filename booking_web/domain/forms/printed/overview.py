# SPDX-License-Identifier: AGPL-3.0-or-later
"""What an appointment's printed forms look like now: how each stands, what is astray."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.forms.printed.elsewhere import (
    awaited_elsewhere,
    printed_elsewhere,
)
from booking_web.domain.forms.printed.rows import (
    pages_of,
    printed_forms,
    returned_pages,
    signed_of,
)
from booking_web.domain.forms.printed.standing import (
    Copy,
    Standing,
    standing,
    zones_of,
)
from booking_web.domain.residents.sameness import Sameness
from booking_web.tables.appointment import Appointment
from booking_web.tables.documents import Document
from booking_web.tables.printed_forms import (
    PrintedForm,
    ReadingState,
    ReturnedKind,
    ReturnedPage,
    ScanReading,
)


@dataclass(frozen=True)
class PrintedStanding:
    """A printed form; `signed` and `sha256` are those of the signed document, if any.

    It may have been printed in another appointment, have come back or be kept in one.
    """

    id: int
    printed_in: int
    draft_id: int
    title: str
    document: int
    standing: Standing
    # The draft was changed since, or was printed again.
    is_older: bool
    unmarked: tuple[int, ...]
    # The appointments in whose scans its pages are.
    came_back_in: tuple[int, ...] = ()
    signed: int | None = None
    signed_in: int | None = None
    sha256: str = ""


@dataclass(frozen=True)
class Question:
    """Pages of a form of another appointment, whose resident is likely this one."""

    printed: int
    title: str
    printed_at: datetime
    pages: int
    sameness: Sameness


@dataclass(frozen=True)
class Awaited:
    """A form of an earlier appointment of this resident that is not signed and kept yet."""

    title: str
    printed_at: datetime
    printed_in: int


@dataclass(frozen=True)
class Stray:
    """A scanned page that is none of what was printed here."""

    id: int
    document: int
    scanned: int
    kind: ReturnedKind


@dataclass(frozen=True)
class Reading:
    """A scan that is being looked through, or could not be."""

    document: int
    state: ReadingState
    pages_seen: int
    pages: int
    reason: str


@dataclass(frozen=True)
class Overview:
    """All of it; blank pages are left out."""

    forms: tuple[PrintedStanding, ...]
    strays: tuple[Stray, ...]
    readings: tuple[Reading, ...]
    questions: tuple[Question, ...] = ()
    awaited: tuple[Awaited, ...] = ()


def overview(session: Session, appointment_id: int) -> Overview:
    """Tell how the printed forms of an appointment stand."""
    printed = printed_forms(session, appointment_id)
    rows = returned_pages(session, appointment_id)
    kept = {each.id for each in printed}
    newest = {each.draft_id: each.id for each in printed}
    copies = pages_of(session, printed)
    forms = tuple(
        _form(each, copies, is_latest=newest[each.draft_id] == each.id)
        for each in printed
    )
    questions = _questions(session, appointment_id, rows)
    awaited = _awaited(session, appointment_id, kept)
    is_wanted = bool(awaited) or any(each.standing.missing for each in forms)
    known = kept | {each.printed for each in questions}
    strays = tuple(_stray(each) for each in rows if _is_astray(each, known, is_wanted))
    readings = _readings(session, appointment_id)
    return Overview(forms, strays, readings, questions, awaited)


def standing_of(printed: PrintedForm, rows: list[ReturnedPage]) -> Standing:
    """Tell how one printed form stands, given the returned pages of it and of others."""
    copies = [
        (
            row.page,
            Copy(
                row.id,
                row.document.appointment_id,
                row.document.number,
                row.scanned,
                zones_of(row.zones),
            ),
        )
        for row in rows
        if row.printed_form_id == printed.id and row.kind == ReturnedKind.EXPECTED
    ]
    return standing(printed.pages, copies)


def _form(
    printed: PrintedForm, rows: list[ReturnedPage], *, is_latest: bool
) -> PrintedStanding:
    signed = signed_of(printed)
    came = {
        row.document.appointment_id for row in rows if row.printed_form_id == printed.id
    }
    return PrintedStanding(
        printed.id,
        printed.appointment_id,
        printed.draft_id,
        printed.edition.form.title,
        printed.document.number,
        standing_of(printed, rows),
        not is_latest or printed.draft.revision > printed.revision,
        tuple(n for n, code in enumerate(printed.codes, start=1) if code is None),
        tuple(sorted(came)),
        signed.number if signed else None,
        signed.appointment_id if signed else None,
        signed.sha256 if signed else "",
    )


def _questions(
    session: Session, appointment_id: int, rows: list[ReturnedPage]
) -> tuple[Question, ...]:
    waiting = Counter(
        row.printed_form_id for row in rows if row.kind == ReturnedKind.TO_CONFIRM
    )
    if not waiting:
        return ()
    appointment = session.get_one(Appointment, appointment_id)
    return tuple(
        Question(
            each.printed.id,
            each.printed.edition.form.title,
            each.printed.printed_at,
            waiting[each.printed.id],
            each.sameness,
        )
        for each in printed_elsewhere(session, appointment)
        if each.printed.id in waiting
    )


def _awaited(
    session: Session, appointment_id: int, known: set[int]
) -> tuple[Awaited, ...]:
    appointment = session.get_one(Appointment, appointment_id)
    return tuple(
        Awaited(
            each.printed.edition.form.title,
            each.printed.printed_at,
            each.printed.appointment_id,
        )
        for each in awaited_elsewhere(session, appointment)
        if each.is_sure
        and each.printed.id not in known
        and each.printed.appointment.starts_at < appointment.starts_at
    )


def _is_astray(row: ReturnedPage, known: set[int], is_wanted: bool) -> bool:
    """Tell whether a page is to be told; a paper without a mark only where one is missing."""
    if row.kind == ReturnedKind.BLANK:
        return False
    if row.kind == ReturnedKind.NO_MARK and not is_wanted:
        return False
    return row.printed_form_id is None or row.printed_form_id not in known


def _stray(row: ReturnedPage) -> Stray:
    kind = ReturnedKind(row.kind)
    if kind is ReturnedKind.EXPECTED:
        # What was printed is not kept any more.
        kind = ReturnedKind.OTHER_PRINTING
    elif kind is ReturnedKind.TO_CONFIRM:
        # Nor is it likely any more that the resident is the same.
        kind = ReturnedKind.OTHER_APPOINTMENT
    return Stray(row.id, row.document.number, row.scanned, kind)


def _readings(session: Session, appointment_id: int) -> tuple[Reading, ...]:
    query = (
        select(ScanReading, Document)
        .join(Document, Document.id == ScanReading.document_id)
        .where(
            Document.appointment_id == appointment_id,
            Document.removed_at.is_(None),
            ScanReading.state != ReadingState.DONE,
        )
        .order_by(Document.number)
    )
    return tuple(
        Reading(
            document.number,
            ReadingState(row.state),
            row.pages_seen,
            document.pages,
            row.reason,
        )
        for row, document in session.execute(query)
    )
