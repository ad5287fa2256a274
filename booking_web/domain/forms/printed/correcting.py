# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a counsellor says of a scanned page where the reader did not know, or erred.

Each works in the caller's writing transaction, the appointment's row locked.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from booking_web.domain.forms.library_reading import read_edition
from booking_web.domain.forms.printed.errors import ReturnedPageGone
from booking_web.domain.forms.printed.rows import find_printed, find_returned
from booking_web.domain.forms.return_reader import signature_places
from booking_web.domain.journal.telling import tell
from booking_web.tables.appointment import Appointment
from booking_web.tables.journal_acts import Act
from booking_web.tables.printed_forms import ReturnedKind, ReturnedPage, ZoneState


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
    printed = find_printed(session, appointment.id, printed_id)
    if not 1 <= page <= printed.pages or turn not in (0, 90, 180, 270):
        raise ReturnedPageGone(str(returned_id))
    is_same = (row.printed_form_id, row.page) == (printed_id, page)
    description = read_edition(session, printed.edition_id).description
    if not is_same:
        # Nobody knows where on it the zones lie.
        row.zones = {
            place: ZoneState.UNCERTAIN.value
            for place in signature_places(description, page)
        }
    if row.turn != turn:
        row.turn, row.askew = turn, 0.0
    row.kind, row.printed_form_id, row.page = ReturnedKind.EXPECTED, printed_id, page
    _note(session, appointment, row, f"page {page} of print {printed_id}", actor, now)


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
