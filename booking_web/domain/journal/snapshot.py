# SPDX-License-Identifier: AGPL-3.0-or-later
"""An appointment as other programs are shown it, when they ask and when they are told."""

from datetime import UTC
from typing import Any

from booking_web.tables.appointment import Appointment


def snapshot(appointment: Appointment) -> dict[str, Any]:
    """Describe the appointment as the API does, in UTC and without anything personal."""
    # Of a discreet one also the reason is: whoever may know it asks for it.
    reason, interpreter = appointment.reason_on_boards, appointment.interpreter
    return {
        "id": appointment.id,
        "organisation": appointment.organisation.slug,
        "relay": appointment.kiosk.relay.slug,
        "reason": reason.slug if reason else None,
        "language": appointment.language,
        "interpreter": interpreter.slug if interpreter else None,
        "discreet": appointment.discreet,
        "starts_at": appointment.starts_at.astimezone(UTC).isoformat(),
        "ends_at": appointment.ends_at.astimezone(UTC).isoformat(),
        "state": str(appointment.state),
        "state_reason": appointment.state_reason,
        "sequence": appointment.sequence,
        "source": str(appointment.source),
    }
