# SPDX-License-Identifier: AGPL-3.0-or-later
"""Has boards and messages tell neither who comes nor why, or tell it again."""

from datetime import datetime

from sqlalchemy.orm import Session

from booking_web.domain.journal.telling import tell
from booking_web.tables.appointment import Appointment
from booking_web.tables.journal_acts import Act


def choose_discretion(
    session: Session,
    appointment: Appointment,
    discreet: bool,
    actor: str,
    now: datetime,
) -> None:
    """Set it, whatever became of the appointment; the same again does nothing."""
    if appointment.discreet is discreet:
        return
    appointment.discreet = discreet
    tell(
        session,
        Act.DISCRETION_CHOSEN,
        appointment,
        actor=actor,
        at=now,
        detail="discreet" if discreet else "open",
    )
