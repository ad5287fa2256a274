# SPDX-License-Identifier: AGPL-3.0-or-later
"""Keeps what a scan's pages turned out to be; in the caller's writing transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.forms.printed.asked_words import take_words_away
from booking_web.domain.forms.printed.claims import settle
from booking_web.domain.forms.printed.elsewhere import tell_brought_back
from booking_web.domain.forms.printed.rows import came_back_here
from booking_web.domain.forms.returned_pages import PageNamed
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
)

ACTOR = "reader"


@dataclass(frozen=True)
class PageRead:
    """A scanned page with the printed form that it is of, and what is seen in its zones."""

    named: PageNamed
    form: PrintedForm | None
    zones: dict[str, str]


def keep_pages(
    session: Session, document: Document, pages: Sequence[PageRead], now: datetime
) -> None:
    """Keep what the pages are, unless they were laid anew meanwhile; end the claim."""
    # Whoever says that two residents are one waits here, or was before (PostgreSQL).
    appointment = session.get_one(
        Appointment, document.appointment_id, with_for_update=True
    )
    row = session.get_one(ScanReading, document.id, with_for_update=True)
    if row.sha256 != document.sha256:
        # Whoever claimed it then tells.
        return
    pages = [_confirmed(session, appointment, each) for each in pages]
    brought = _brought_now(session, appointment, pages)
    query = select(ReturnedPage).where(ReturnedPage.document_id == document.id)
    before = {each.scanned: each for each in session.scalars(query)}
    for page in pages:
        kept = before.pop(page.named.scanned, None)
        if kept is None or not kept.said_by:
            # What a person said of a page stays.
            _write(session, kept, document, page)
    for beyond in before.values():
        session.delete(beyond)
    for form in brought:
        tell_brought_back(session, appointment, form, ACTOR, now)
    take_words_away(session, appointment, now)
    row.pages_seen = len(pages)
    settle(session, row, document, ReadingState.DONE, now)
    found = sum(page.named.kind is ReturnedKind.EXPECTED for page in pages)
    detail = f"document {document.number}, {found} of {len(pages)} pages"
    tell(session, Act.SCAN_READ, appointment, actor=ACTOR, at=now, detail=detail)


def _confirmed(session: Session, appointment: Appointment, page: PageRead) -> PageRead:
    """Take a page for what somebody said meanwhile, or said of another page before."""
    if page.form is None or page.named.kind is not ReturnedKind.TO_CONFIRM:
        return page
    if not came_back_here(session, appointment.id, page.form.id):
        return page
    return replace(page, named=replace(page.named, kind=ReturnedKind.EXPECTED))


def _brought_now(
    session: Session, appointment: Appointment, pages: Sequence[PageRead]
) -> list[PrintedForm]:
    """Give the forms of other appointments that come back here for the first time."""
    forms = {
        page.form.id: page.form
        for page in pages
        if page.form is not None
        and page.named.kind is ReturnedKind.EXPECTED
        and page.form.appointment_id != appointment.id
    }
    return [
        session.get_one(PrintedForm, each)
        for each in forms
        if not came_back_here(session, appointment.id, each)
    ]


def _write(
    session: Session, kept: ReturnedPage | None, document: Document, page: PageRead
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
