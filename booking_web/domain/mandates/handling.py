# SPDX-License-Identifier: AGPL-3.0-or-later
"""What every act on a mandate is given."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from booking_web.tables.appointment import Appointment
from booking_web.tables.mandates import Mandate


@dataclass(frozen=True)
class Handling:
    """A mandate in somebody's hands, at an appointment whose row is locked."""

    session: Session
    appointment: Appointment
    mandate: Mandate
    # Who does it, as in the journal.
    actor: str
    now: datetime
    # The day of the relay.
    today: date
