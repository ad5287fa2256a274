# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who looks through which scan: claimed before, settled after, again where asked for.

A scan that nobody looked through is known by having no row: whatever brings a document
needs no line here, and cannot fail because of it. A claim whose holder died runs out.
Each works in the caller's transaction.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from booking_web.domain.forms.printed.elsewhere import awaited_elsewhere
from booking_web.domain.journal.promises import News
from booking_web.domain.journal.telling import tell_pages
from booking_web.tables.appointment import Appointment
from booking_web.tables.document_sources import Source
from booking_web.tables.documents import Document
from booking_web.tables.printed_forms import (
    PrintedForm,
    ReadingState,
    ReturnedPage,
    ScanReading,
)

# Longer than a portion of a scan may take; each renews the claim.
CLAIM_LASTS = timedelta(seconds=90)
# A scan that ended its reader twice is left to a person.
MOST_ATTEMPTS = 2
GIVEN_UP = "given_up"


def unread_scans(
    session: Session, appointment_id: int, now: datetime
) -> list[Document]:
    """List the scans that are still to be looked through, the oldest first.

    Only what came after a form was printed can be a page of one: here, or in another
    appointment from which one is still awaited.
    """
    unread = _unread(session, appointment_id, now)
    if not unread:
        return []
    first_printed = session.scalar(
        select(func.min(Document.number))
        .join(PrintedForm, PrintedForm.document_id == Document.id)
        .where(PrintedForm.appointment_id == appointment_id)
    )
    appointment = session.get_one(Appointment, appointment_id)
    awaited = [each.printed for each in awaited_elsewhere(session, appointment)]
    return [
        scan
        for scan in unread
        if (first_printed is not None and scan.number > first_printed)
        or any(scan.created_at >= each.printed_at for each in awaited)
    ]


def _unread(session: Session, appointment_id: int, now: datetime) -> list[Document]:
    query = (
        select(Document)
        .outerjoin(ScanReading, ScanReading.document_id == Document.id)
        .where(
            Document.appointment_id == appointment_id,
            Document.removed_at.is_(None),
            Document.source.in_((Source.SCAN, Source.UPLOAD)),
            or_(
                ScanReading.document_id.is_(None),
                ScanReading.sha256 != Document.sha256,
                ScanReading.state == ReadingState.WAITING,
                (ScanReading.state == ReadingState.READING)
                & (ScanReading.claimed_at < now - CLAIM_LASTS),
            ),
        )
        .order_by(Document.number)
    )
    return list(session.scalars(query))


def claim_scan(session: Session, appointment_id: int, now: datetime) -> Document | None:
    """Give a scan that is the caller's to look through; None where none waits."""
    # Who claims for the same appointment waits here (PostgreSQL).
    session.get_one(Appointment, appointment_id, with_for_update=True)
    for document in unread_scans(session, appointment_id, now):
        row = _row_of(session, document)
        if row.attempts >= MOST_ATTEMPTS:
            settle(session, row, document, ReadingState.FAILED, now, GIVEN_UP)
            continue
        row.state, row.claimed_at = ReadingState.READING, now
        row.attempts += 1
        row.pages_seen = 0
        _tell(session, document, now)
        return document
    return None


def _row_of(session: Session, document: Document) -> ScanReading:
    row = session.get(ScanReading, document.id)
    if row is not None and row.sha256 == document.sha256:
        return row
    if row is not None:
        # What was said of its former pages is not said of these.
        its = ReturnedPage.document_id == document.id
        session.execute(delete(ReturnedPage).where(its))
        session.delete(row)
        session.flush()
    row = ScanReading(
        document_id=document.id,
        sha256=document.sha256,
        state=ReadingState.WAITING,
        attempts=0,
        reason="",
    )
    session.add(row)
    return row


def note_progress(
    session: Session, document: Document, pages_seen: int, now: datetime
) -> None:
    """Renew a claim, and tell open pages how far it is."""
    row = session.get_one(ScanReading, document.id, with_for_update=True)
    row.pages_seen = pages_seen
    if row.state == ReadingState.READING:
        row.claimed_at = now
    _tell(session, document, now)


def settle(
    session: Session,
    row: ScanReading,
    document: Document,
    state: ReadingState,
    now: datetime,
    reason: str = "",
) -> None:
    """End a claim; `reason` says why it failed."""
    row.state, row.reason, row.claimed_at = state, reason, None
    _tell(session, document, now)


def read_again(session: Session, document: Document) -> None:
    """Have a scan looked through again, by whoever reads next."""
    row = session.get(ScanReading, document.id, with_for_update=True)
    if row is not None and row.state in (ReadingState.FAILED, ReadingState.DONE):
        row.state, row.reason, row.attempts = ReadingState.WAITING, "", 0


def _tell(session: Session, document: Document, now: datetime) -> None:
    appointment = session.get_one(Appointment, document.appointment_id)
    tell_pages(session, News.SCAN_IS_READ, appointment, now)
