# SPDX-License-Identifier: AGPL-3.0-or-later
"""Books residents who are there for a second that no form offers, through the services."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.base.transactions import in_transaction
from booking_web.domain.appointments import acts
from booking_web.domain.appointments.booking import book
from booking_web.domain.appointments.orders import BookingOrder
from booking_web.domain.appointments.rules import Hours
from measure.inventory import SECRETARY, relay_of
from provisioning.database.engine import Database
from provisioning.database.models import User


def book_all(
    database: Database, places: Sequence[tuple[str, str]], due_at: float, token: str
) -> list[int]:
    """Book each pair of kiosk and organisation, all or none; return the appointments.

    Each resident is marked as arrived, so that the kiosk is called at that second.
    `due_at` is seconds since 1970; `token` makes this submission another one.
    """
    starts_at = datetime.fromtimestamp(due_at, UTC)

    def work(session: Session) -> list[int]:
        user_id = session.scalars(select(User.id).where(User.email == SECRETARY)).one()
        now = datetime.now(UTC)
        booked = [
            book(
                session,
                BookingOrder(
                    token=token,
                    user_id=user_id,
                    relay=relay_of(kiosk),
                    organisation=organisation,
                    resident_name="M. Dupont",
                    starts_at=starts_at,
                    hours=Hours.AGREED,
                ),
                now,
            ).appointment
            for kiosk, organisation in places
        ]
        for appointment in booked:
            acts.mark_arrived(session, appointment, f"user:{user_id}", now)
        return [appointment.id for appointment in booked]

    return in_transaction(database, work)
