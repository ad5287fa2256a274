# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which kiosk a token belongs to, and what a kiosk may reach."""

import hashlib
import hmac

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.rights.person import NotVisible
from booking_web.tables.appointment import Appointment
from provisioning.database.models import Kiosk


def kiosk_of_token(session: Session, token: str) -> Kiosk | None:
    """Find the kiosk; only the token's digest is stored and compared."""
    digest = hashlib.sha256(token.encode()).hexdigest()
    kiosk = session.scalar(select(Kiosk).where(Kiosk.token_digest == digest))
    if kiosk is None or not hmac.compare_digest(kiosk.token_digest, digest):
        return None
    return kiosk


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
