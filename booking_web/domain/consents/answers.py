# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the resident of an appointment said to the site's text, and what it is worth now.

An answer is to the text that was read: once the text is another one, an agreement counts as
none was given. To disagree counts until they agree.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from booking_web.domain.journal.telling import tell
from booking_web.tables.appointment import Appointment
from booking_web.tables.consents import Consent, ConsentAnswer, ConsentReading
from booking_web.tables.journal_acts import Act

# No screen shows for longer that it was asked.
READINGS_KEPT = timedelta(days=1)
_ACTS = {
    ConsentAnswer.AGREED: Act.CONSENT_GIVEN,
    ConsentAnswer.REFUSED: Act.CONSENT_REFUSED,
    ConsentAnswer.WITHDRAWN: Act.CONSENT_WITHDRAWN,
}


class Standing(StrEnum):
    """How it stands with an appointment."""

    NOT_ASKED = "not_asked"
    AGREED = "agreed"
    # To another text than is read now.
    OUTDATED = "outdated"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class ConsentText:
    """What is read to a resident, and the language that it is in."""

    text: str
    language: str

    @property
    def sha256(self) -> str:
        """Give what tells this text from any other."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def answers_of(session: Session, appointment_id: int) -> list[Consent]:
    """List what was said, the newest first."""
    query = select(Consent).where(Consent.appointment_id == appointment_id)
    return list(session.scalars(query.order_by(Consent.id.desc())))


def standing_of(last: Consent | None, read_now: Collection[str]) -> Standing:
    """Tell how it stands after the last answer; `read_now` are the digests of today's texts."""
    if last is None:
        return Standing.NOT_ASKED
    if last.answer == ConsentAnswer.AGREED and last.sha256 not in read_now:
        return Standing.OUTDATED
    return Standing(last.answer)


def last_answer(session: Session, appointment_id: int) -> Consent | None:
    """Give the answer that counts; None where nobody was asked."""
    return last_answers(session, [appointment_id]).get(appointment_id)


def last_answers(
    session: Session, appointment_ids: Collection[int]
) -> dict[int, Consent]:
    """Give the answers that count, by appointment."""
    newest = (
        select(func.max(Consent.id))
        .where(Consent.appointment_id.in_(appointment_ids))
        .group_by(Consent.appointment_id)
    )
    found = session.scalars(select(Consent).where(Consent.id.in_(newest)))
    return {each.appointment_id: each for each in found}


def note_answer(
    session: Session,
    appointment: Appointment,
    answer: ConsentAnswer,
    read: ConsentText,
    actor: str,
    now: datetime,
) -> None:
    """Keep what the resident said to this text; lock the appointment's row before.

    The same again does nothing, nor does withdrawing what is not agreed. The kiosk reads on
    to nobody.
    """
    session.execute(
        delete(ConsentReading).where(ConsentReading.appointment_id == appointment.id)
    )
    last = last_answer(session, appointment.id)
    if answer is ConsentAnswer.WITHDRAWN:
        if last is None or last.answer != ConsentAnswer.AGREED:
            return
        text, sha256 = last.text, last.sha256
    else:
        text, sha256 = read.text, read.sha256
        if last is not None and (last.answer, last.sha256) == (answer, sha256):
            return
    session.add(
        Consent(
            appointment_id=appointment.id,
            answer=answer,
            text=text,
            sha256=sha256,
            noted_at=now,
            noted_by=actor,
        )
    )
    detail = f"text {sha256[:12]}"
    tell(session, _ACTS[answer], appointment, actor=actor, at=now, detail=detail)


def forget_consents(session: Session, nameless: Select[int]) -> None:
    """Remove the answers of these appointments."""
    session.execute(delete(Consent).where(Consent.appointment_id.in_(nameless)))


def forget_consent_readings(session: Session, now: datetime) -> None:
    """Remove what kiosks were asked to read aloud long ago."""
    old = ConsentReading.asked_at < now - READINGS_KEPT
    session.execute(delete(ConsentReading).where(old))
