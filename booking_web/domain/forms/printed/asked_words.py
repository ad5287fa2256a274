# SPDX-License-Identifier: AGPL-3.0-or-later
"""The words by which the second screen asks for pages: taken away once these came back."""

from datetime import datetime

from sqlalchemy.orm import Session

from booking_web.domain.forms.printed.overview import standing_of
from booking_web.domain.forms.printed.rows import pages_of
from booking_web.domain.kiosks.second_screen import print_asked_for, write_words
from booking_web.tables.appointment import Appointment
from booking_web.tables.printed_forms import PrintedForm


def take_words_away(session: Session, appointment: Appointment, now: datetime) -> None:
    """Take them away where nothing of what they ask for is wanted any more.

    Works in the caller's writing transaction, the appointment's row locked.
    """
    printed_id = print_asked_for(session, appointment)
    if printed_id is None:
        return
    printed = session.get_one(PrintedForm, printed_id)
    if not standing_of(printed, pages_of(session, [printed])).wanted:
        write_words(session, appointment, None, now)
