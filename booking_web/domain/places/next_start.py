# SPDX-License-Identifier: AGPL-3.0-or-later
"""The hour that is proposed where the one asked for is taken.

To look for it takes longer than to book: whoever reads it asks for it once their writing
transaction has ended, and nobody else does.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.places.choosing import next_free_place
from booking_web.domain.places.grid import PROPOSAL_DAYS
from booking_web.domain.places.held_slots import held_by_counters, held_by_kiosks
from booking_web.domain.places.interpreters import InterpretersFree
from booking_web.domain.places.search import (
    SlotSearch,
    find_slots,
    has_published_hours,
)
from booking_web.domain.places.slot_bits import (
    DAY_SLOTS,
    slot_number,
    slots_in,
    start_of,
)
from provisioning.database.models import Kiosk, Relay


def next_start(
    session: Session,
    *,
    organisation_id: int,
    relay_id: int,
    length: timedelta,
    after: datetime,
    now: datetime,
    besides: int | None = None,
    interpreter_id: int | None = None,
) -> datetime | None:
    """Give the next start that is free at the relay, None where there is none.

    It lies within the published hours; of an organisation without any, within the usual ones
    of the next PROPOSAL_DAYS on the relay's wall. The slots of `besides`, an appointment, do
    not count.
    """
    if not has_published_hours(session, organisation_id):
        return _next_usual_start(
            session,
            organisation_id,
            relay_id,
            length,
            after,
            now,
            besides,
            interpreter_id,
        )
    search = SlotSearch(
        organisation_id=organisation_id,
        relay_ids=[relay_id],
        length=length,
        after=after,
        limit=1,
        besides=besides,
        interpreter_id=interpreter_id,
    )
    found = find_slots(session, search, now)
    return found.slots[0].starts_at if found.slots else None


def _next_usual_start(
    session: Session,
    organisation_id: int,
    relay_id: int,
    length: timedelta,
    after: datetime,
    now: datetime,
    besides: int | None,
    interpreter_id: int | None,
) -> datetime | None:
    zone = ZoneInfo(session.get_one(Relay, relay_id).time_zone)
    kiosk_ids = session.scalars(select(Kiosk.id).where(Kiosk.relay_id == relay_id))
    kiosks = held_by_kiosks(session, kiosk_ids, after, now, besides)
    counters = held_by_counters(session, organisation_id, after, besides)
    place = next_free_place(after, length, kiosks, counters, zone)
    if interpreter_id is None:
        return place.starts_at if place else None
    first = slot_number(after) // DAY_SLOTS * DAY_SLOTS
    end = first + (PROPOSAL_DAYS + 1) * DAY_SLOTS
    interpreters = InterpretersFree(
        session, interpreter_id, slots_in(length), after, besides
    )
    interpreted = interpreters.starts(first, end, [relay_id])[relay_id]
    while place is not None and (slot := slot_number(place.starts_at)) < end:
        if interpreted >> (slot - first) & 1:
            return place.starts_at
        place = next_free_place(start_of(slot + 1), length, kiosks, counters, zone)
    return None
