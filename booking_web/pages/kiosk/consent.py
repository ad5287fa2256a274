# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the second screen shows and says while a resident is asked whether they agree."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import force_locale
from sqlalchemy.orm import Session

from booking_web.base.languages import language_or_french
from booking_web.domain.consents.answers import ConsentText
from booking_web.domain.consents.reading_aloud import reading_at
from booking_web.domain.kiosks.scenes import Known, Scene, scene_of
from booking_web.shell.consent_text import consent_text
from booking_web.tables.appointment import Appointment
from booking_web.tables.states import AppointmentState
from booking_web.words.consents import QUESTION
from booking_web.words.scenes import WORDS


@dataclass(frozen=True)
class ReadConsent:
    """The text that is read now, and which time it is: once more is another time."""

    appointment_id: int
    text: ConsentText
    language: str
    time: str

    @property
    def lines(self) -> tuple[str, ...]:
        """Give it a sentence a line, as it is written."""
        return tuple(filter(None, map(str.strip, self.text.text.splitlines())))


def read_consent(
    session: Session, kiosk_id: int, present: Appointment | None, now: datetime
) -> ReadConsent | None:
    """Tell what the kiosk reads; None where it does not, or somebody else is served there."""
    row = reading_at(session, kiosk_id, now)
    state = AppointmentState(present.state) if present else None
    known = Known(state=state, reads_consent=row is not None)
    if row is None or scene_of(known) is not Scene.CONSENT:
        return None
    asked = session.get_one(Appointment, row.appointment_id)
    language = language_or_french(asked.language)
    return ReadConsent(
        asked.id, consent_text(language), language, row.asked_at.isoformat()
    )


def spoken_consent(language: str) -> ConsentText:
    """Give what is said in a language of the site: the text, then the question."""
    text = consent_text(language)
    with force_locale(text.language):
        said = f"{text.text}\n{QUESTION} {WORDS[Scene.CONSENT].sentence}"
    return ConsentText(said, text.language)
