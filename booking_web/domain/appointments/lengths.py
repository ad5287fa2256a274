# SPDX-License-Identifier: AGPL-3.0-or-later
"""How long an appointment takes where nothing else is agreed; pure."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from provisioning.database.models import Organisation, VisitReason


def length_of(
    organisation: Organisation | Row[Any],
    reason: VisitReason | Row[Any] | None = None,
) -> timedelta:
    """Tell how long: as the reason says, else as the organisation's appointments are."""
    own = reason.minutes if reason is not None else None
    return timedelta(minutes=own or organisation.appointment_minutes)
