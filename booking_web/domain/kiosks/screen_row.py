# SPDX-License-Identifier: AGPL-3.0-or-later
"""The row of what a kiosk's second screen shows: of one call, and emptied with it.

Each works in the caller's writing transaction, the appointment's row locked.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.kiosks.cues import Cue
from booking_web.domain.kiosks.screen_content import Reading
from booking_web.tables.appointment import Appointment
from booking_web.tables.documents import KioskScreen
from booking_web.tables.states import AppointmentState


def leave_call(session: Session, appointment: Appointment) -> None:
    """Empty the screen of a call that ends: what was written is gone for good."""
    # Nothing is flushed for it: a burst of calls is then written in a few statements.
    with session.no_autoflush:
        line = session.get(KioskScreen, appointment.kiosk_id)
    if line is not None and line.appointment_id == appointment.id:
        _empty(line)


def forget_ended(session: Session) -> None:
    """Empty the screens of calls that are over, however they ended."""
    is_up = (
        (Appointment.id == KioskScreen.appointment_id)
        & (Appointment.attempt == KioskScreen.attempt)
        & (Appointment.state == AppointmentState.IN_CALL)
    )
    lines = select(KioskScreen).where(~select(Appointment.id).where(is_up).exists())
    for line in session.scalars(lines):
        _empty(line)


def row_in_call(session: Session, appointment: Appointment) -> KioskScreen | None:
    """Give the kiosk's row in a call; None outside one."""
    if appointment.state != AppointmentState.IN_CALL:
        return None
    return row_of_call(session, appointment)


def row_of_call(session: Session, appointment: Appointment) -> KioskScreen:
    """Give the kiosk's row, emptied if it was another call's."""
    line = session.get(KioskScreen, appointment.kiosk_id, with_for_update=True)
    if line is None:
        line = KioskScreen(kiosk_id=appointment.kiosk_id, appointment_id=0, attempt=-1)
        line.said = 0
        session.add(line)
    this_call = (appointment.id, appointment.attempt)
    if (line.appointment_id, line.attempt) != this_call:
        line.appointment_id, line.attempt = this_call
        _empty(line)
    return line


def _empty(line: KioskScreen) -> None:
    """Leave nothing of a call that is over."""
    show_nothing(line)
    line.sealed_words, line.asked_print_id = None, None
    line.told_at, line.told_language = None, ""
    line.cue, line.cue_page, line.cue_pages, line.cue_at = Cue.NONE, 0, 0, None


def show_nothing(line: KioskScreen) -> None:
    """Take away the document, the draft or the CV that is shown, and all that was about it."""
    line.document_id, line.page, line.seen_at = None, 1, None
    line.zoom, line.zoom_x, line.zoom_y = 1.0, 0.5, 0.5
    line.draft_id, line.cv_id, line.place, line.pages_seen = None, None, "", ""
    line.pointer_x = line.pointer_y = None
    line.said_what, line.said_place = Reading.NONE, ""
