# SPDX-License-Identifier: AGPL-3.0-or-later
"""The appointments on the line, as the database has them."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.dispatcher.call_id import parse_call
from booking_web.dispatcher.following.reconciliation import LiveCall
from booking_web.tables.appointment import Appointment
from booking_web.tables.states import ON_THE_LINE, AppointmentState
from provisioning.database.models import Kiosk


def live_calls(session: Session) -> list[LiveCall]:
    """Read the appointments on the line with their calls."""
    rows = session.execute(
        select(Appointment.call, Kiosk.slug, Appointment.state, Appointment.state_since)
        .join(Appointment.kiosk)
        .where(Appointment.state.in_(ON_THE_LINE))
    )
    return [
        LiveCall(call, row.slug, AppointmentState(row.state), row.state_since)
        for row in rows
        if (call := parse_call(row.call or "")) is not None
    ]
