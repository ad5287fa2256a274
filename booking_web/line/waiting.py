# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who waits in a line, and who comes before whom."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_

from booking_web.models import Appointment
from booking_web.states import AppointmentState

# Whoever has waited longer has gone home: nobody is called in an empty room at night.
LONGEST_WAIT = timedelta(hours=10)


def waiting_in_line(now: datetime) -> ColumnElement[bool]:
    """Give the condition of those who wait now."""
    return and_(
        Appointment.state == AppointmentState.ARRIVED,
        Appointment.in_line,
        Appointment.starts_at > now - LONGEST_WAIT,
    )


def before(appointment: Appointment | None) -> tuple[ColumnElement[bool], ...]:
    """Give the condition of those who came before this one; None: all did."""
    if appointment is None:
        return ()
    return (
        or_(
            Appointment.starts_at < appointment.starts_at,
            and_(
                Appointment.starts_at == appointment.starts_at,
                Appointment.id < appointment.id,
            ),
        ),
    )
