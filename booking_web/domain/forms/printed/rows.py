# SPDX-License-Identifier: AGPL-3.0-or-later
"""The rows of printed forms and of what came back: found, and turned into what was marked."""

from collections.abc import Collection

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from booking_web.domain.forms.description import Rectangle
from booking_web.domain.forms.mark import HASH_BYTES, Printing
from booking_web.domain.forms.printed.errors import PrintedFormGone, ReturnedPageGone
from booking_web.domain.rights.kept_documents import goes_with, is_served
from booking_web.tables.documents import Document
from booking_web.tables.forms import FormEdition
from booking_web.tables.printed_forms import (
    PrintedForm,
    PrintedPart,
    ReturnedKind,
    ReturnedPage,
    ScanReading,
)

KEY_PURPOSE = b"guichet-virtuel mark of printed pages"


def with_its_form(query: Select[PrintedForm]) -> Select[PrintedForm]:
    """Have what is told of printed forms read with them."""
    return query.options(
        joinedload(PrintedForm.appointment),
        joinedload(PrintedForm.document),
        joinedload(PrintedForm.signed_document),
        joinedload(PrintedForm.draft),
        joinedload(PrintedForm.edition).load_only(FormEdition.form_id),
        joinedload(PrintedForm.edition).joinedload(FormEdition.form),
    )


def printed_forms(session: Session, appointment_id: int) -> list[PrintedForm]:
    """List what was printed in an appointment or came back in it, the oldest first.

    Only what is still kept.
    """
    query = (
        select(PrintedForm)
        .join(Document, Document.id == PrintedForm.document_id)
        .where(
            or_(
                PrintedForm.appointment_id == appointment_id,
                PrintedForm.id.in_(_brought_to(appointment_id)),
            ),
            Document.removed_at.is_(None),
            is_served(),
        )
        .order_by(PrintedForm.id)
    )
    return list(session.scalars(with_its_form(query)))


def find_printed(
    session: Session, appointment_id: int, printed_id: int, *, to_change: bool = False
) -> PrintedForm:
    """Give one of them; raises PrintedFormGone."""
    found = session.get(PrintedForm, printed_id, with_for_update=to_change)
    if (
        found is None
        or found.document.removed_at is not None
        or not goes_with(session, found.document)
    ):
        raise PrintedFormGone(str(printed_id))
    is_of_here = found.appointment_id == appointment_id
    if not is_of_here and not came_back_here(session, appointment_id, printed_id):
        raise PrintedFormGone(str(printed_id))
    return found


def came_back_here(session: Session, appointment_id: int, printed_id: int) -> bool:
    """Tell whether a page of a printed form is in a scan of this appointment."""
    its = _brought_to(appointment_id).where(ReturnedPage.printed_form_id == printed_id)
    return session.scalar(its.limit(1)) is not None


def _brought_to(appointment_id: int) -> Select[int | None]:
    scan = aliased(Document)
    return (
        select(ReturnedPage.printed_form_id)
        .join(scan, scan.id == ReturnedPage.document_id)
        .where(
            scan.appointment_id == appointment_id,
            scan.removed_at.is_(None),
            ReturnedPage.kind == ReturnedKind.EXPECTED,
        )
    )


def signed_of(printed: PrintedForm) -> Document | None:
    """Give the signed document that was made of a printed form and is still kept."""
    signed = printed.signed_document
    return signed if signed is not None and signed.removed_at is None else None


def find_returned(
    session: Session, appointment_id: int, returned_id: int, *, to_change: bool = False
) -> ReturnedPage:
    """Give a scanned page of an appointment; raises ReturnedPageGone."""
    found = session.get(ReturnedPage, returned_id, with_for_update=to_change)
    if (
        found is None
        or found.document.appointment_id != appointment_id
        or found.document.removed_at is not None
        or not goes_with(session, found.document)
    ):
        raise ReturnedPageGone(str(returned_id))
    return found


def returned_pages(session: Session, appointment_id: int) -> list[ReturnedPage]:
    """List the pages of all scans of an appointment that were looked through, in order."""
    query = _pages_read().where(Document.appointment_id == appointment_id)
    return list(session.scalars(query))


def pages_of(session: Session, printed: Collection[PrintedForm]) -> list[ReturnedPage]:
    """List the pages of these forms, in whatever appointment they came, oldest first."""
    query = _pages_read().where(
        ReturnedPage.printed_form_id.in_([each.id for each in printed]),
        ReturnedPage.kind == ReturnedKind.EXPECTED,
    )
    return list(session.scalars(query))


def _pages_read() -> Select[ReturnedPage]:
    return (
        select(ReturnedPage)
        .join(Document, Document.id == ReturnedPage.document_id)
        .join(ScanReading, ScanReading.document_id == Document.id)
        .where(
            Document.removed_at.is_(None),
            is_served(),
            # Laid anew since, its pages are others.
            ScanReading.sha256 == Document.sha256,
        )
        .options(joinedload(ReturnedPage.document))
        .order_by(Document.id, ReturnedPage.scanned)
    )


def parts_of(
    session: Session, printed_id: int, appointment_id: int
) -> list[PrintedPart]:
    """List the parts of a printed form that an appointment has as documents."""
    query = (
        select(PrintedPart)
        .join(Document, Document.id == PrintedPart.document_id)
        .where(
            PrintedPart.printed_form_id == printed_id,
            Document.appointment_id == appointment_id,
            Document.removed_at.is_(None),
        )
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
