# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a counsellor says of a scanned page where the reader did not know, or erred.

Each works in the caller's writing transaction, the appointment's row locked.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.forms.library_reading import read_edition
from booking_web.domain.forms.printed.asked_words import take_words_away
from booking_web.domain.forms.printed.elsewhere import (
    awaited_elsewhere,
    printed_elsewhere,
    tell_brought_back,
)
from booking_web.domain.forms.printed.errors import PrintedFormGone, ReturnedPageGone
from booking_web.domain.forms.printed.rows import (
    came_back_here,
    find_returned,
    printed_forms,
)
from booking_web.domain.forms.return_reader import signature_places
from booking_web.domain.journal.telling import tell
from booking_web.tables.appointment import Appointment
from booking_web.tables.documents import Document
from booking_web.tables.journal_acts import Act
from booking_web.tables.printed_forms import (
    PrintedForm,
    ReturnedKind,
    ReturnedPage,
    ZoneState,
)


def name_page(
    session: Session,
    appointment: Appointment,
    returned_id: int,
    printed_id: int,
    page: int,
    turn: int,
    actor: str,
    now: datetime,
) -> None:
    """Say that a scanned page is this page of this printed form, `turn` degrees turned.

    Raises ReturnedPageGone or PrintedFormGone.
    """
    row = find_returned(session, appointment.id, returned_id, to_change=True)
    printed = _nameable(session, appointment, printed_id)
    if not 1 <= page <= printed.pages or turn not in (0, 90, 180, 270):
        raise ReturnedPageGone(str(returned_id))
    is_same = (row.printed_form_id, row.page) == (printed_id, page)
    description = read_edition(session, printed.edition_id).description
    if not is_same:
        # Nobody looked for them there: `named_pages` does.
        row.zones = {
            place: ZoneState.UNCERTAIN.value
            for place in signature_places(description, page)
        }
    if row.turn != turn:
        row.turn, row.askew = turn, 0.0
    is_brought = printed.appointment_id != appointment.id and not came_back_here(
        session, appointment.id, printed_id
    )
    row.kind, row.printed_form_id, row.page = ReturnedKind.EXPECTED, printed_id, page
    _note(session, appointment, row, f"page {page} of print {printed_id}", actor, now)
    if is_brought:
        tell_brought_back(session, appointment, printed, actor, now)
    take_words_away(session, appointment, now)


def forms_to_name(session: Session, appointment: Appointment) -> list[PrintedForm]:
    """List the printed forms that a scanned page may be said to be of.

    Those of other appointments too, where the resident is surely the same.
    """
    here = printed_forms(session, appointment.id)
    known = {each.id for each in here}
    elsewhere = awaited_elsewhere(session, appointment)
    sure = [each.printed for each in elsewhere if each.is_sure]
    return [*here, *(each for each in sure if each.id not in known)]


def _nameable(
    session: Session, appointment: Appointment, printed_id: int
) -> PrintedForm:
    for each in forms_to_name(session, appointment):
        if each.id == printed_id:
            return each
    raise PrintedFormGone(str(printed_id))


def confirm_same_person(
    session: Session,
    appointment: Appointment,
    printed_id: int,
    actor: str,
    now: datetime,
) -> None:
    """Say that a form of another appointment is of this resident: its pages count here.

    Raises PrintedFormGone where nobody has to be asked, unless somebody just said so.
    """
    if came_back_here(session, appointment.id, printed_id):
        return
    likely = {each.printed.id: each for each in printed_elsewhere(session, appointment)}
    scan = select(Document.id).where(
        Document.appointment_id == appointment.id, Document.removed_at.is_(None)
    )
    pages = session.scalars(
        select(ReturnedPage).where(
            ReturnedPage.document_id.in_(scan),
            ReturnedPage.printed_form_id == printed_id,
            ReturnedPage.kind == ReturnedKind.TO_CONFIRM,
        )
    ).all()
    if printed_id not in likely or not pages:
        raise PrintedFormGone(str(printed_id))
    for page in pages:
        page.kind, page.said_by = ReturnedKind.EXPECTED, actor
    printed = likely[printed_id].printed
    tell_brought_back(session, appointment, printed, actor, now)
    take_words_away(session, appointment, now)


def set_page_aside(
    session: Session,
    appointment: Appointment,
    returned_id: int,
    actor: str,
    now: datetime,
) -> None:
    """Say that a scanned page is none of the printed ones; raises ReturnedPageGone."""
    row = find_returned(session, appointment.id, returned_id, to_change=True)
    row.kind, row.printed_form_id, row.page = ReturnedKind.NO_MARK, None, 0
    row.zones = {}
    _note(session, appointment, row, "no page of a form", actor, now)


def accept_signatures(
    session: Session,
    appointment: Appointment,
    returned_id: int,
    actor: str,
    now: datetime,
) -> None:
    """Say that the zones of a scanned page are as they should be.

    Raises ReturnedPageGone.
    """
    row = find_returned(session, appointment.id, returned_id, to_change=True)
    row.zones = {place: ZoneState.ACCEPTED.value for place in row.zones}
    row.said_by = actor
    _tell(session, appointment, row, Act.SIGNATURE_ACCEPTED, "", actor, now)
    take_words_away(session, appointment, now)


def _note(
    session: Session,
    appointment: Appointment,
    row: ReturnedPage,
    what: str,
    actor: str,
    now: datetime,
) -> None:
    row.said_by = actor
    _tell(session, appointment, row, Act.RETURNED_PAGE_NAMED, what, actor, now)


def _tell(
    session: Session,
    appointment: Appointment,
    row: ReturnedPage,
    act: Act,
    what: str,
    actor: str,
    now: datetime,
) -> None:
    detail = f"document {row.document.number}, page {row.scanned}"
    detail = f"{detail}, {what}" if what else detail
    tell(session, act, appointment, actor=actor, at=now, detail=detail)
