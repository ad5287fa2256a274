# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a kiosk's second screen shows in a call: a page of a document, a cue.

The functions that change it work in the caller's writing transaction, the appointment's
row locked.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from booking_web.domain.journal.promises import News
from booking_web.domain.journal.telling import tell, tell_pages
from booking_web.tables.appointment import Appointment
from booking_web.tables.documents import Document, KioskScreen
from booking_web.tables.journal_acts import Act
from booking_web.tables.states import AppointmentState


class Cue(StrEnum):
    """What the resident is told about the devices beside them."""

    NONE = ""
    PRINTING = "printing"
    TAKE_PRINT = "take_print"
    PLACE_DOCUMENT = "place_document"
    SCANNING = "scanning"
    TURN_CARD = "turn_card"
    TAKE_DOCUMENT = "take_document"
    PROBLEM = "problem"


# Long enough to read it and to do it. What a device does lasts until the kiosk tells
# otherwise; the limit is for a kiosk that was switched off meanwhile.
_LASTS = {
    Cue.TAKE_PRINT: timedelta(seconds=30),
    Cue.TAKE_DOCUMENT: timedelta(seconds=30),
    Cue.PROBLEM: timedelta(minutes=1),
}
_LASTS_AT_MOST = timedelta(minutes=15)


@dataclass(frozen=True)
class ShownPage:
    """The page on the screen; `is_seen` once the screen has really fetched it."""

    document_id: int
    number: int
    page: int
    pages: int
    is_seen: bool


@dataclass(frozen=True)
class ShownCue:
    """The cue on the screen, with the page that the device is at, if it counts any."""

    cue: Cue
    page: int = 0
    pages: int = 0


@dataclass(frozen=True)
class ScreenContent:
    """Both, each None where there is none."""

    page: ShownPage | None = None
    cue: ShownCue | None = None


NOTHING = ScreenContent()


def screen_content(
    session: Session, appointment: Appointment, now: datetime
) -> ScreenContent:
    """Tell what the appointment's kiosk shows now; nothing outside a call."""
    if appointment.state != AppointmentState.IN_CALL:
        return NOTHING
    line = session.scalar(
        select(KioskScreen)
        .where(
            KioskScreen.kiosk_id == appointment.kiosk_id,
            KioskScreen.appointment_id == appointment.id,
            KioskScreen.attempt == appointment.attempt,
        )
        .options(joinedload(KioskScreen.document))
    )
    if line is None:
        return NOTHING
    return ScreenContent(_page_of(line), _cue_of(line, now))


def show_page(
    session: Session,
    appointment: Appointment,
    document: Document | None,
    page: int,
    actor: str,
    now: datetime,
) -> None:
    """Have the screen show a page of this document of the appointment, or none."""
    line = _line_of(session, appointment)
    wanted = document.id if document else None
    if (line.document_id, line.page) == (wanted, page):
        return
    had_one = line.document_id is not None
    line.document_id, line.page, line.seen_at = wanted, page, None
    if document is not None:
        tell(
            session,
            Act.DOCUMENT_SHOWN,
            appointment,
            actor=actor,
            at=now,
            detail=f"document {document.number}, page {page}",
        )
    elif had_one:
        tell(session, Act.DOCUMENT_HIDDEN, appointment, actor=actor, at=now)


def show_cue(
    session: Session, appointment: Appointment, cue: ShownCue, now: datetime
) -> None:
    """Have the screen show a cue, or none."""
    line = _line_of(session, appointment)
    known = ShownCue(Cue(line.cue), line.cue_page, line.cue_pages)
    line.cue, line.cue_at = cue.cue, now
    line.cue_page, line.cue_pages = cue.page, cue.pages
    if known != cue:
        tell_pages(session, News.CUE_SHOWN, appointment, now)


def note_view(
    session: Session, appointment: Appointment, shown: ShownPage, now: datetime
) -> None:
    """Write down that the screen fetched the page, and that it is seen from now on."""
    actor = f"kiosk:{appointment.kiosk.slug}"
    detail = f"document {shown.number}, page {shown.page}"
    tell(session, Act.VIEWED, appointment, actor=actor, at=now, detail=detail)
    if not shown.is_seen and screen_content(session, appointment, now).page == shown:
        _line_of(session, appointment).seen_at = now
        tell_pages(session, News.PAGE_SEEN, appointment, now)


def _line_of(session: Session, appointment: Appointment) -> KioskScreen:
    """Give the kiosk's line, emptied if it was another call's."""
    line = session.get(KioskScreen, appointment.kiosk_id, with_for_update=True)
    if line is None:
        line = KioskScreen(kiosk_id=appointment.kiosk_id, appointment_id=0, attempt=-1)
        session.add(line)
    this_call = (appointment.id, appointment.attempt)
    if (line.appointment_id, line.attempt) != this_call:
        line.appointment_id, line.attempt = this_call
        line.document_id, line.page, line.seen_at = None, 1, None
        line.cue, line.cue_page, line.cue_pages, line.cue_at = Cue.NONE, 0, 0, None
    return line


def _page_of(line: KioskScreen) -> ShownPage | None:
    document = line.document
    if document is None or document.removed_at is not None:
        return None
    return ShownPage(
        document.id, document.number, line.page, document.pages, bool(line.seen_at)
    )


def _cue_of(line: KioskScreen, now: datetime) -> ShownCue | None:
    cue = Cue(line.cue)
    if cue is Cue.NONE or line.cue_at is None:
        return None
    if now - line.cue_at > _LASTS.get(cue, _LASTS_AT_MOST):
        return None
    return ShownCue(cue, line.cue_page, line.cue_pages)
