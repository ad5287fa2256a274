# SPDX-License-Identifier: AGPL-3.0-or-later
"""Tells open consoles that a document or a device job of an appointment changed."""

from datetime import datetime

from sqlalchemy.orm import Session

from booking_web.tables.appointment import Appointment, LiveEvent
from booking_web.tables.live_kind import Kind


def announce(
    session: Session, appointment: Appointment, kind: Kind, at: datetime
) -> None:
    """Have consoles look again; pages that show appointments alone do not hear it."""
    session.add(
        LiveEvent(
            at=at,
            kiosk_id=appointment.kiosk_id,
            appointment_id=appointment.id,
            state=appointment.state,
            kind=str(kind),
        )
    )
