# SPDX-License-Identifier: AGPL-3.0-or-later
"""The hour that is proposed where the one asked for is taken: booking and moving share it."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.places.held_slots import held_by_counters, held_by_kiosks
from booking_web.domain.places.search import (
    SlotSearch,
    find_slots,
    has_published_hours,
)
from booking_web.domain.places.slots import next_free_place
from provisioning.database.models import Kiosk


def next_start(
    session: Session,
    *,
    organisation_id: int,
    relay_id: int,
    zone: ZoneInfo,
    length: timedelta,
    after: datetime,
    now: datetime,
    besides: int | None = None,
) -> datetime | None:
    """Give the next start that is free at the relay, None where there is none.

    It lies within the published hours; of an organisation without any, within the usual ones
    of the next PROPOSAL_DAYS on the relay's wall. The slots of `besides`, an appointment, do
    not count.
    """
    if not has_published_hours(session, organisation_id):
        return _next_usual_start(
            session, organisation_id, relay_id, zone, length, after, now, besides
        )
    search = SlotSearch(
        organisation_id=organisation_id,
        relay_ids=[relay_id],
        length=length,
        after=after,
        limit=1,
        besides=besides,
    )
    found = find_slots(session, search, now)
    return found.slots[0].starts_at if found.slots else None


def _next_usual_start(
    session: Session,
    organisation_id: int,
    relay_id: int,
    zone: ZoneInfo,
    length: timedelta,
    after: datetime,
    now: datetime,
    besides: int | None,
) -> datetime | None:
    kiosk_ids = session.scalars(select(Kiosk.id).where(Kiosk.relay_id == relay_id))
    place = next_free_place(
        after,
        length,
        held_by_kiosks(session, kiosk_ids, after, now, besides),
        held_by_counters(session, organisation_id, after, besides),
        zone,
    )
    return place.starts_at if place else None
