# SPDX-License-Identifier: AGPL-3.0-or-later
"""How long nobody is expected at a kiosk: what takes it out of use for a while fits there."""

from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from booking_web.tables.appointment import Appointment
from booking_web.tables.states import CALLABLE_AGAIN, ON_THE_LINE, AppointmentState
from provisioning.database.models import Kiosk

LOOKS_AHEAD = timedelta(hours=12)
# Who was booked and has not come may still; who could not be called may still sit there.
LATE_FOR = timedelta(minutes=30)
_MAY_COME = frozenset(
    {AppointmentState.BOOKED, AppointmentState.ARRIVED, *CALLABLE_AGAIN}
)


def kiosk_is_free_for(session: Session, kiosk_id: int, now: datetime) -> timedelta:
    """Give how long nobody is expected there, LOOKS_AHEAD at most; zero while somebody is."""
    here = Appointment.kiosk_id == kiosk_id
    relay = select(Kiosk.relay_id).where(Kiosk.id == kiosk_id).scalar_subquery()
    # Which of the relay's kiosks calls those in a line is known as they are called.
    in_line = Appointment.in_line & Appointment.kiosk_id.in_(
        select(Kiosk.id).where(Kiosk.relay_id == relay)
    )
    next_at = session.scalar(
        select(func.min(Appointment.starts_at)).where(
            or_(
                here & Appointment.state.in_(ON_THE_LINE),
                (here | in_line)
                & Appointment.state.in_(_MAY_COME)
                & (Appointment.ends_at > now - LATE_FOR)
                & (Appointment.starts_at < now + LOOKS_AHEAD),
            )
        )
    )
    if next_at is None:
        return LOOKS_AHEAD
    return max(next_at - now, timedelta(0))
