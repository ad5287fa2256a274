# SPDX-License-Identifier: AGPL-3.0-or-later
"""How many calls go on, for all who mind what the server carries."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking_web.tables.appointment import Appointment
from booking_web.tables.states import ON_THE_LINE

_ON_THE_LINE = (
    select(func.count())
    .select_from(Appointment)
    .where(Appointment.state.in_(ON_THE_LINE))
)


def calls_in_progress(session: Session) -> int:
    """Count the appointments on the line."""
    return session.scalar(_ON_THE_LINE) or 0
