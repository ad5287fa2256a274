# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whom counsellors invited is forgotten with the resident's name; a number within the day."""

from datetime import datetime, timedelta

from sqlalchemy import Select, update
from sqlalchemy.orm import Session

from booking_web.tables.guests import Guest

# The dispatcher takes a number within a second or two, and erases it then.
NUMBER_KEPT = timedelta(hours=1)


def forget_guests(session: Session, nameless: Select[int]) -> None:
    """Empty the guests' names of these appointments."""
    session.execute(
        update(Guest)
        .where(Guest.appointment_id.in_(nameless), Guest.name != "")
        .values(name="")
    )


def forget_numbers(session: Session, now: datetime) -> None:
    """Erase the numbers that no dispatcher took: it was away, or an older copy came back."""
    session.execute(
        update(Guest)
        .where(Guest.telephone != "", Guest.invited_at < now - NUMBER_KEPT)
        .values(telephone="")
    )
