# SPDX-License-Identifier: AGPL-3.0-or-later
"""What an appointment's printed forms look like now: how each stands, what is astray."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.forms.printed.rows import printed_forms, returned_pages
from booking_web.domain.forms.printed.standing import (
    Copy,
    Standing,
    standing,
    zones_of,
)
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
    """A printed form; `signed` and `sha256` are those of the signed document, if any."""

    id: int
    draft_id: int
    title: str
    document: int
    standing: Standing
    # The draft was changed since, or was printed again.
    is_older: bool
    unmarked: tuple[int, ...]
    signed: int | None = None
    sha256: str = ""


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


def overview(session: Session, appointment_id: int) -> Overview:
    """Tell how the printed forms of an appointment stand."""
    printed = printed_forms(session, appointment_id)
    if not printed:
        return Overview((), (), ())
    rows = returned_pages(session, appointment_id)
    kept = {each.id for each in printed}
    newest = {each.draft_id: each.id for each in printed}
    forms = tuple(
        _form(each, rows, is_latest=newest[each.draft_id] == each.id)
        for each in printed
    )
    is_wanted = any(each.standing.missing for each in forms)
    strays = tuple(
        _stray(each, kept) for each in rows if _is_astray(each, kept, is_wanted)
    )
    return Overview(forms, strays, _readings(session, appointment_id))


def standing_of(printed: PrintedForm, rows: list[ReturnedPage]) -> Standing:
    """Tell how one printed form stands, given the returned pages of its appointment."""
    copies = [
        (
            row.page,
            Copy(
                row.id,
                row.document.number,
                row.scanned,
                zones_of(row.zones),
                bool(row.said_by),
            ),
        )
        for row in rows
        if row.printed_form_id == printed.id
    ]
    return standing(printed.pages, copies)


def _form(
    printed: PrintedForm, rows: list[ReturnedPage], *, is_latest: bool
) -> PrintedStanding:
    signed = printed.signed_document
    is_kept = signed is not None and signed.removed_at is None
    return PrintedStanding(
        printed.id,
        printed.draft_id,
        printed.edition.form.title,
        printed.document.number,
        standing_of(printed, rows),
        not is_latest or printed.draft.revision > printed.revision,
        tuple(n for n, code in enumerate(printed.codes, start=1) if code is None),
        signed.number if signed and is_kept else None,
        signed.sha256 if signed and is_kept else "",
    )


def _is_astray(row: ReturnedPage, kept: set[int], is_wanted: bool) -> bool:
    """Tell whether a page is to be told; a paper without a mark only where one is missing."""
    if row.kind == ReturnedKind.BLANK:
        return False
    if row.kind == ReturnedKind.NO_MARK and not is_wanted:
        return False
    return row.printed_form_id is None or row.printed_form_id not in kept


def _stray(row: ReturnedPage, kept: set[int]) -> Stray:
    kind = ReturnedKind(row.kind)
    if kind is ReturnedKind.EXPECTED:
        # What was printed is not kept any more.
        kind = ReturnedKind.OTHER_PRINTING
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
