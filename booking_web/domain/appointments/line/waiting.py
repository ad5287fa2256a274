# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who waits in a line, and who comes before whom."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, joinedload

from booking_web.domain.rights.restriction import is_unrestricted
from booking_web.tables.appointment import Appointment
from booking_web.tables.states import AppointmentState
from provisioning.database.models import Kiosk

# Whoever has waited longer has gone home: nobody is called in an empty room at night.
LONGEST_WAIT = timedelta(hours=10)


def waiting_in_line(now: datetime) -> ColumnElement[bool]:
    """Give the condition of those who wait now."""
    return and_(
        Appointment.state == AppointmentState.ARRIVED,
        Appointment.in_line,
        Appointment.starts_at > now - LONGEST_WAIT,
        is_unrestricted(Appointment.resident_id),
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


def first_in_line_at(
    session: Session, relay_id: int, now: datetime
) -> Appointment | None:
    """Give the one of the relay who has waited longest, in whatever line."""
    return session.scalar(
        select(Appointment)
        .join(Kiosk, Kiosk.id == Appointment.kiosk_id)
        .where(Kiosk.relay_id == relay_id, waiting_in_line(now))
        .options(joinedload(Appointment.organisation))
        .order_by(Appointment.starts_at, Appointment.id)
        .limit(1)
    )
