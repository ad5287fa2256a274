# SPDX-License-Identifier: AGPL-3.0-or-later
"""The rows of printed forms and of what came back: found, and turned into what was marked."""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from booking_web.domain.forms.description import Rectangle
from booking_web.domain.forms.mark import HASH_BYTES, Printing
from booking_web.domain.forms.printed.errors import PrintedFormGone, ReturnedPageGone
from booking_web.tables.documents import Document
from booking_web.tables.forms import FormEdition
from booking_web.tables.printed_forms import (
    PrintedForm,
    PrintedPart,
    ReturnedPage,
    ScanReading,
)

KEY_PURPOSE = b"guichet-virtuel mark of printed pages"


def printed_forms(session: Session, appointment_id: int) -> list[PrintedForm]:
    """List what was printed in an appointment and is still kept, the oldest first."""
    query = (
        select(PrintedForm)
        .join(Document, Document.id == PrintedForm.document_id)
        .where(
            PrintedForm.appointment_id == appointment_id, Document.removed_at.is_(None)
        )
        .options(
            joinedload(PrintedForm.document),
            joinedload(PrintedForm.signed_document),
            joinedload(PrintedForm.draft),
            joinedload(PrintedForm.edition).load_only(FormEdition.form_id),
            joinedload(PrintedForm.edition).joinedload(FormEdition.form),
        )
        .order_by(PrintedForm.id)
    )
    return list(session.scalars(query))


def find_printed(
    session: Session, appointment_id: int, printed_id: int, *, to_change: bool = False
) -> PrintedForm:
    """Give one of them; raises PrintedFormGone."""
    found = session.get(PrintedForm, printed_id, with_for_update=to_change)
    if (
        found is None
        or found.appointment_id != appointment_id
        or found.document.removed_at is not None
    ):
        raise PrintedFormGone(str(printed_id))
    return found


def find_returned(
    session: Session, appointment_id: int, returned_id: int, *, to_change: bool = False
) -> ReturnedPage:
    """Give a scanned page of an appointment; raises ReturnedPageGone."""
    found = session.get(ReturnedPage, returned_id, with_for_update=to_change)
    if (
        found is None
        or found.document.appointment_id != appointment_id
        or found.document.removed_at is not None
    ):
        raise ReturnedPageGone(str(returned_id))
    return found


def returned_pages(session: Session, appointment_id: int) -> list[ReturnedPage]:
    """List the pages of all scans of an appointment that were looked through, in order."""
    query = (
        select(ReturnedPage)
        .join(Document, Document.id == ReturnedPage.document_id)
        .join(ScanReading, ScanReading.document_id == Document.id)
        .where(
            Document.appointment_id == appointment_id,
            Document.removed_at.is_(None),
            # Laid anew since, its pages are others.
            ScanReading.sha256 == Document.sha256,
        )
        .options(joinedload(ReturnedPage.document))
        .order_by(Document.number, ReturnedPage.scanned)
    )
    return list(session.scalars(query))


def parts_of(session: Session, printed_id: int) -> list[PrintedPart]:
    """List the parts of a printed form that can be printed again."""
    query = (
        select(PrintedPart)
        .join(Document, Document.id == PrintedPart.document_id)
        .where(PrintedPart.printed_form_id == printed_id, Document.removed_at.is_(None))
        .options(joinedload(PrintedPart.document))
    )
    return list(session.scalars(query))


def printing_of(printed: PrintedForm) -> Printing:
    """Give what the marks of a printed form say."""
    return Printing(
        appointment=printed.appointment_id,
        draft=printed.draft_id,
        edition=printed.edition_id,
        pages=printed.pages,
        digest=bytes.fromhex(printed.sha256)[:HASH_BYTES],
    )


def codes_of(printed: PrintedForm) -> tuple[Rectangle | None, ...]:
    """Give where the marks of a printed form stand."""
    return tuple(Rectangle(**each) if each else None for each in printed.codes)
