# SPDX-License-Identifier: AGPL-3.0-or-later
"""Two desks on one appointment: which of them has the call.

Known only of an account that says which telephone is its counsellor's. Anybody else who sees
the appointment, a town hall at the kiosk among them, helps at the devices as ever.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.tables.appointment import Appointment
from booking_web.tables.states import AppointmentState
from provisioning.database.models import Counsellor, User


def colleague_in_call(
    session: Session, appointment: Appointment, actor: str
) -> Counsellor | None:
    """Give who has the call where that is known to be another than `actor`; else None.

    `actor` is as the journal names them.
    """
    if (
        appointment.state != AppointmentState.IN_CALL
        or appointment.counsellor_id is None
    ):
        return None
    kind, _, number = actor.partition(":")
    if kind != "user" or not number.isdigit():
        return None
    own = session.scalar(select(User.counsellor_id).where(User.id == int(number)))
    if own is None or own == appointment.counsellor_id:
        return None
    return session.get(Counsellor, appointment.counsellor_id)
