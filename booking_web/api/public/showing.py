# SPDX-License-Identifier: AGPL-3.0-or-later
"""An appointment as the client that asks may see it."""

from typing import Any

from booking_web.api.public.access import this_client
from booking_web.domain.journal.snapshot import snapshot
from booking_web.tables.appointment import Appointment


def shown(appointment: Appointment) -> dict[str, Any]:
    """Describe the appointment; whose it is only to clients that see residents."""
    described = snapshot(appointment)
    if this_client().sees_residents:
        reason = appointment.visit_reason
        described["reason"] = reason.slug if reason else None
        described["resident_name"] = appointment.resident_name
        described["details"] = appointment.reason
    return described
