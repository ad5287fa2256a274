# SPDX-License-Identifier: AGPL-3.0-or-later
"""Has the kiosk write and speak another language in an appointment."""

from datetime import datetime

from sqlalchemy.orm import Session

from booking_web.base.languages import language_named
from booking_web.domain.journal.telling import tell
from booking_web.tables.appointment import Appointment
from booking_web.tables.journal_acts import Act


def choose_language(
    session: Session,
    appointment: Appointment,
    language: str,
    actor: str,
    now: datetime,
) -> None:
    """Set the language, in the call as well; raises UnknownLanguage.

    Once the appointment is over it changes no more than what is shown of it.
    """
    if appointment.language == language_named(language):
        return
    appointment.language = language
    tell(
        session,
        Act.LANGUAGE_CHOSEN,
        appointment,
        actor=actor,
        at=now,
        detail=language,
    )
