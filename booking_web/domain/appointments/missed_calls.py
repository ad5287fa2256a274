# SPDX-License-Identifier: AGPL-3.0-or-later
"""Calls that came to nothing, and that nobody has dealt with yet.

Who is called again, marked, moved or cancelled is in another state and thereby dealt with;
else somebody says that nothing is to be done.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session, aliased

from booking_web.domain.journal.telling import tell
from booking_web.tables.appointment import Appointment
from booking_web.tables.conclusions import FollowUp, SettledCall
from booking_web.tables.journal_acts import Act
from booking_web.tables.states import CALLABLE_AGAIN, AppointmentState, IllegalMove


def is_missed() -> ColumnElement[bool]:
    """Give the condition under which an appointment's call came to nothing and still counts.

    Of whom nobody knows the name any more, nothing can be made good; and who has another
    appointment as its continuation is waited for.
    """
    settled = select(SettledCall.appointment_id).where(
        SettledCall.appointment_id == Appointment.id,
        SettledCall.missed_at == Appointment.state_since,
    )
    following = aliased(Appointment)
    followed = (
        select(FollowUp.next_id)
        .join(following, following.id == FollowUp.next_id)
        .where(
            FollowUp.appointment_id == Appointment.id,
            following.state != AppointmentState.CANCELLED,
        )
        .correlate(Appointment)
    )
    return and_(
        Appointment.state.in_(CALLABLE_AGAIN),
        Appointment.resident_name != "",
        ~settled.correlate(Appointment).exists(),
        ~followed.exists(),
    )


def settle_missed_call(
    session: Session, appointment: Appointment, actor: str, now: datetime
) -> None:
    """Say that nothing is to be done of the call that failed last; twice changes nothing.

    Raises IllegalMove where the appointment is no missed call any more.
    """
    state = AppointmentState(appointment.state)
    if state not in CALLABLE_AGAIN:
        raise IllegalMove(state, state)
    row = session.get(SettledCall, appointment.id)
    if row is not None and row.missed_at == appointment.state_since:
        return
    if row is None:
        row = SettledCall(appointment_id=appointment.id)
        session.add(row)
    row.missed_at = appointment.state_since
    row.settled_at = now
    row.settled_by = actor
    tell(
        session,
        Act.MISSED_CALL_SETTLED,
        appointment,
        actor=actor,
        at=now,
        detail=str(state),
    )
