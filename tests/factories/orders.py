# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is booked, and for whom, where a test says no more than what it is about.

The names are those of the demo inventory, and of the small directory of the unit tests.
"""

from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.appointments.orders import BookingOrder
from booking_web.domain.appointments.rules import Hours
from booking_web.tables.appointment import Resident
from provisioning.database.models import Relay

_numbers = count(1)


def an_order(**values: Any) -> BookingOrder:
    """Order an appointment at once, by the first account, at Wassigny, with the MSA."""
    usual: dict[str, Any] = {
        "token": f"form {next(_numbers)}",
        "user_id": 1,
        "relay": "wassigny",
        "organisation": "msa",
        "resident_name": "M. Dupont",
        "starts_at": None,
        "hours": Hours.AGREED,
    }
    return BookingOrder(**usual | values)


def add_resident(
    session: Session, at: datetime, relay: str = "wassigny", **values: Any
) -> Resident:
    """Write down a resident of a relay, with a telephone and no address of mail."""
    usual: dict[str, Any] = {
        "relay_id": session.scalars(select(Relay.id).where(Relay.slug == relay)).one(),
        "name": "Mme Zoé Lefèvre",
        "search_key": "lefevre mme zoe",
        "telephone": "+33199000102",
        "email": "",
        "created_at": at,
        "created_by_id": 1,
        "seen_at": at,
    }
    resident = Resident(**usual | values)
    session.add(resident)
    session.flush()
    return resident
