# SPDX-License-Identifier: AGPL-3.0-or-later
"""How many calls go on, for all who mind what the server carries."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking_web.tables.appointment import Appointment
from booking_web.tables.interpreters import GOING_ON, InterpreterCall
from booking_web.tables.states import ON_THE_LINE

# An interpreter's call takes as much of the server as an appointment's own.
_CALLS = select(
    select(func.count())
    .select_from(Appointment)
    .where(Appointment.state.in_(ON_THE_LINE))
    .scalar_subquery()
    + select(func.count())
    .select_from(InterpreterCall)
    .where(InterpreterCall.state.in_(GOING_ON))
    .scalar_subquery()
)


def calls_in_progress(session: Session) -> int:
    """Count the appointments on the line, and the interpreters' calls beside them."""
    return session.scalar(_CALLS) or 0
