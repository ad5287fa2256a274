# SPDX-License-Identifier: AGPL-3.0-or-later
"""The hour that is proposed where the one asked for is taken."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from booking_web.availability.search import SlotSearch, find_slots


def next_start(
    session: Session,
    *,
    organisation_id: int,
    relay_id: int,
    length: timedelta,
    after: datetime,
    now: datetime,
    besides: int | None = None,
) -> datetime | None:
    """Give the next start within published hours, None where there is none.

    Ask `has_published_hours` first: an organisation without hours has its own proposals.
    """
    found = find_slots(
        session,
        SlotSearch(
            organisation_id=organisation_id,
            relay_ids=[relay_id],
            length=length,
            after=after,
            limit=1,
            besides=besides,
        ),
        now,
    )
    return found.slots[0].starts_at if found.slots else None
