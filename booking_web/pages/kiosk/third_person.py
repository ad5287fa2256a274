# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the second screen says in a call of who comes, is there, or has just left."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from booking_web.domain.appointments.guests.refusal import who_just_left
from booking_web.domain.appointments.interpreters.calls import call_going_on
from booking_web.tables.appointment import Appointment
from booking_web.words.guests import left_words
from booking_web.words.interpreters import told_to_resident


@dataclass(frozen=True)
class ThirdPerson:
    """What is said of somebody, in one of two places: of a voice alone, where nobody is seen."""

    said: str = ""
    telephoned: str = ""


def third_person(
    session: Session, appointment: Appointment, now: datetime
) -> ThirdPerson:
    """Tell what a resident in call reads of a third person."""
    going_on = call_going_on(session, appointment.id)
    if going_on is None:
        left = who_just_left(session, appointment.id, now)
        return ThirdPerson(said=left_words(left) if left is not None else "")
    told = told_to_resident(going_on)
    if going_on.guest is not None and going_on.guest.is_telephoned:
        return ThirdPerson(telephoned=told)
    return ThirdPerson(said=told)
