# SPDX-License-Identifier: AGPL-3.0-or-later
"""Books appointments for a second that no form offers, through the product's own service."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.scheduling import BookingRequest, book
from booking_web.transactions import in_transaction
from measure.inventory import SECRETARY, relay_of
from provisioning.database import Database
from provisioning.models import User


def book_all(
    database: Database, places: Sequence[tuple[str, str]], due_at: float, token: str
) -> list[int]:
    """Book each pair of kiosk and organisation, all or none; return the appointments.

    `due_at` is seconds since 1970; `token` makes this submission another one.
    """
    starts_at = datetime.fromtimestamp(due_at, UTC)

    def work(session: Session) -> list[int]:
        user_id = session.scalars(select(User.id).where(User.email == SECRETARY)).one()
        now = datetime.now(UTC)
        return [
            book(
                session,
                BookingRequest(
                    token=token,
                    user_id=user_id,
                    relay=relay_of(kiosk),
                    organisation=organisation,
                    resident_name="M. Dupont",
                    reason="",
                    starts_at=starts_at,
                ),
                now,
            ).appointment.id
            for kiosk, organisation in places
        ]

    return in_transaction(database, work)
