# SPDX-License-Identifier: AGPL-3.0-or-later
"""Changes what a kiosk's second screen shows in a call; `screen_content` reads it.

Each works in the caller's writing transaction, the appointment's row locked.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from booking_web.domain.journal.promises import News
from booking_web.domain.journal.telling import tell, tell_pages
from booking_web.domain.kiosks.cues import Cue
from booking_web.domain.kiosks.screen_content import (
    WHOLE,
    Closer,
    Reading,
    ShownCue,
    ShownPage,
)
from booking_web.domain.kiosks.screen_row import (
    row_in_call,
    row_of_call,
    show_nothing,
)
from booking_web.domain.rights.person import NotVisible, Person
from booking_web.tables.appointment import Appointment
from booking_web.tables.cv import Cv
from booking_web.tables.documents import Document, KioskScreen
from booking_web.tables.forms import Draft
from booking_web.tables.journal_acts import Act
from booking_web.tables.states import AppointmentState


def show_page(
    session: Session,
    appointment: Appointment,
    document: Document | None,
    page: int,
    actor: str,
    now: datetime,
    closer: Closer = WHOLE,
) -> None:
    """Have the screen show a page of this document of the appointment, or nothing.

    `closer` is how closely it is shown at first.
    """
    line = row_of_call(session, appointment)
    wanted = document.id if document else None
    if document is not None and (line.document_id, line.page) == (wanted, page):
        return
    had_one = any((line.document_id, line.draft_id, line.cv_id))
    show_nothing(line)
    line.document_id, line.page = wanted, page
    line.zoom, line.zoom_x, line.zoom_y = closer.zoom, closer.x, closer.y
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


def show_draft(
    session: Session,
    appointment: Appointment,
    draft_id: int,
    page: int,
    place: str | None,
    viewer: Person,
    now: datetime,
) -> bool:
    """Have the screen follow a draft of the appointment, one of its places framed.

    `place` is the key of a place of the form, empty for all of the page, or None: what is
    framed stays so, unless it is on another page. Give False where there is no call, or no
    such draft in it; raises NotVisible where `viewer` may not read it.
    """
    # Locked before the screen, as by those who change a draft.
    draft = session.get(Draft, draft_id, with_for_update={"read": True})
    if (
        appointment.state != AppointmentState.IN_CALL
        or draft is None
        or draft.erased_at is not None
        or draft.appointment_id != appointment.id
    ):
        return False
    if not viewer.fills_in_for(draft.organisation_id):
        raise NotVisible
    line = row_of_call(session, appointment)
    if place is None:
        place = line.place if (line.draft_id, line.page) == (draft_id, page) else ""
    if line.draft_id != draft_id:
        show_nothing(line)
        line.draft_id, line.page, line.place = draft_id, page, place
        tell(
            session,
            Act.DRAFT_SHOWN,
            appointment,
            actor=viewer.actor,
            at=now,
            detail=f"draft {draft_id}",
        )
    elif (line.page, line.place) != (page, place):
        line.page, line.place = page, place
        line.pointer_x = line.pointer_y = None
        tell_pages(session, News.MIRRORED, appointment, now)
    return True


def draft_changed(session: Session, draft_id: int, place: str, now: datetime) -> None:
    """Have a screen that follows this draft frame what was changed in it.

    Call it in the transaction of the change. With no `place` the frame stays where it is.
    """
    draft = session.get_one(Draft, draft_id)
    appointment = draft.appointment
    if appointment is None or appointment.state != AppointmentState.IN_CALL:
        return
    line = session.get(KioskScreen, appointment.kiosk_id)
    this_call = (appointment.id, appointment.attempt, draft_id)
    if line is None or this_call != (line.appointment_id, line.attempt, line.draft_id):
        return
    if place and line.place != place:
        line.place = place
        line.pointer_x = line.pointer_y = None
    tell_pages(session, News.MIRRORED, appointment, now)


def show_cv(
    session: Session,
    appointment: Appointment,
    cv_id: int,
    revision: int,
    viewer: Person,
    now: datetime,
) -> bool:
    """Have the screen follow a CV of the appointment, its page as it is at a revision.

    Give False where there is no call, or no such CV in it; raises NotVisible where `viewer`
    may not read it.
    """
    cv = session.get(Cv, cv_id, with_for_update={"read": True})
    if (
        appointment.state != AppointmentState.IN_CALL
        or cv is None
        or cv.erased_at is not None
        or cv.appointment_id != appointment.id
    ):
        return False
    if not viewer.fills_in_for(cv.organisation_id):
        raise NotVisible
    line = row_of_call(session, appointment)
    if line.cv_id != cv_id:
        show_nothing(line)
        line.cv_id, line.place = cv_id, f"{revision}:"
        detail, actor = f"cv {cv_id}", viewer.actor
        tell(session, Act.CV_SHOWN, appointment, actor=actor, at=now, detail=detail)
    return True


def cv_changed(
    session: Session, cv_id: int, revision: int, section: str, now: datetime
) -> None:
    """Have a screen that follows this CV draw it anew, with what was changed framed.

    Call it when the page of that revision is made: typing is faster than a page.
    """
    appointment = session.get_one(Cv, cv_id).appointment
    if appointment.state != AppointmentState.IN_CALL:
        return
    line = session.get(KioskScreen, appointment.kiosk_id)
    this_call = (appointment.id, appointment.attempt, cv_id)
    if line is None or this_call != (line.appointment_id, line.attempt, line.cv_id):
        return
    place = f"{revision}:{section}"
    if line.place != place:
        line.place = place
        line.pointer_x = line.pointer_y = None
        tell_pages(session, News.MIRRORED, appointment, now)


def write_words(
    session: Session,
    appointment: Appointment,
    sealed: bytes | None,
    now: datetime,
    asked_print_id: int | None = None,
) -> bool:
    """Have the screen show what the counsellor writes to the resident, or no more of it.

    `asked_print_id` is the printed form whose pages the words ask for. Give False outside
    a call.
    """
    line = row_in_call(session, appointment)
    if line is None:
        return False
    line.asked_print_id = asked_print_id
    if line.sealed_words != sealed:
        line.sealed_words = sealed
        tell_pages(session, News.MIRRORED, appointment, now)
    return True


def print_asked_for(session: Session, appointment: Appointment) -> int | None:
    """Give the printed form whose pages the words on the screen ask for, if they do."""
    line = session.get(KioskScreen, appointment.kiosk_id)
    this_call = (appointment.id, appointment.attempt)
    if line is None or this_call != (line.appointment_id, line.attempt):
        return None
    return line.asked_print_id if line.sealed_words is not None else None


def point_at(
    session: Session,
    appointment: Appointment,
    x: float | None,
    y: float | None,
    now: datetime,
) -> bool:
    """Have the screen show where the counsellor points; None: nowhere.

    In fractions of what is shown, from its upper left corner. Give False outside a call.
    """
    line = row_in_call(session, appointment)
    if line is None:
        return False
    if (line.pointer_x, line.pointer_y) != (x, y):
        line.pointer_x, line.pointer_y = x, y
        tell_pages(session, News.MIRRORED, appointment, now)
    return True


def say(
    session: Session,
    appointment: Appointment,
    what: Reading,
    now: datetime,
    place: str = "",
) -> bool:
    """Have the screen read aloud of the draft or CV that it follows, or fall silent.

    Without a `place` it is what is framed. Give False where neither is shown in a call.
    """
    line = row_in_call(session, appointment)
    if line is None or (line.draft_id is None and line.cv_id is None):
        return False
    # Of a CV, the place of the screen tells its revision first.
    framed = line.place if line.cv_id is None else line.place.partition(":")[2]
    line.said = line.said + 1
    line.said_what, line.said_place = what, place or framed
    tell_pages(session, News.MIRRORED, appointment, now)
    return True


def show_cue(
    session: Session, appointment: Appointment, cue: ShownCue, now: datetime
) -> None:
    """Have the screen show a cue, or none."""
    line = row_of_call(session, appointment)
    known = ShownCue(Cue(line.cue), line.cue_page, line.cue_pages)
    line.cue, line.cue_at = cue.cue, now
    line.cue_page, line.cue_pages = cue.page, cue.pages
    if known != cue:
        tell_pages(session, News.CUE_SHOWN, appointment, now)


def note_view(
    session: Session, appointment: Appointment, shown: ShownPage, now: datetime
) -> None:
    """Write down that the screen fetched the page of the document."""
    actor = f"kiosk:{appointment.kiosk.slug}"
    detail = f"document {shown.number}, page {shown.page}"
    tell(session, Act.VIEWED, appointment, actor=actor, at=now, detail=detail)
    line = row_of_call(session, appointment)
    if (line.document_id, line.page) == (shown.document_id, shown.page):
        line.pages_seen = str(shown.page)


def note_draft_view(
    session: Session, appointment: Appointment, draft_id: int, page: int, now: datetime
) -> None:
    """Write down that the screen fetched a page of the draft: once for each of them."""
    line = row_in_call(session, appointment)
    if line is None or line.draft_id != draft_id:
        return
    seen = line.pages_seen.split()
    if str(page) in seen:
        return
    line.pages_seen = " ".join([*seen, str(page)])
    actor = f"kiosk:{appointment.kiosk.slug}"
    detail = f"draft {draft_id}, page {page}"
    tell(session, Act.VIEWED, appointment, actor=actor, at=now, detail=detail)


def note_cv_view(
    session: Session, appointment: Appointment, cv_id: int, now: datetime
) -> None:
    """Write down that the screen fetched the page of the CV, once."""
    line = row_in_call(session, appointment)
    if line is None or line.cv_id != cv_id or line.pages_seen:
        return
    line.pages_seen = "1"
    actor = f"kiosk:{appointment.kiosk.slug}"
    tell(session, Act.VIEWED, appointment, actor=actor, at=now, detail=f"cv {cv_id}")
