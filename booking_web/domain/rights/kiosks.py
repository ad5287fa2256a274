# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a kiosk may reach; which kiosk it is, `provisioning.directory.kiosk_secrets` tells."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.rights.person import NotVisible
from booking_web.tables.appointment import Appointment


def appointment_at(
    session: Session, kiosk_id: int, appointment_id: int, *, to_change: bool = False
) -> Appointment:
    """Give an appointment of this kiosk; another one's raises NotVisible."""
    query = select(Appointment).where(
        Appointment.id == appointment_id, Appointment.kiosk_id == kiosk_id
    )
    if to_change:
        query = query.with_for_update()
    appointment = session.scalar(query)
    if appointment is None:
        raise NotVisible
    return appointment
