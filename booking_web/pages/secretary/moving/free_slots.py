# SPDX-License-Identifier: AGPL-3.0-or-later
"""The slots to which an appointment may be moved: its own relay's, then the neighbours'."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from booking_web.base.local_time import day_bounds, local_day
from booking_web.domain.appointments.acts import length_when_moved
from booking_web.domain.places.relays import neighbours_of
from booking_web.domain.places.search import (
    SlotSearch,
    find_slots,
    has_published_hours,
)
from booking_web.domain.places.slot_value import SlotValue
from booking_web.tables.appointment import Appointment
from booking_web.words.dates import clock, long_date, moment

DAYS = 3
HOURS_OF_A_DAY = 24
# So many hours of a day are seen at once; the others are behind one press.
HOURS_SEEN = 3
NEIGHBOUR_SLOTS = 4


@dataclass(frozen=True)
class MoveSlot:
    """A slot as the page writes it; `relay` is empty at the own one."""

    value: str
    when: str
    relay: str = ""
    distance_km: int | None = None


@dataclass(frozen=True)
class MoveDay:
    """The hours of one day at the own relay: a few, and the others."""

    day: str
    few: list[MoveSlot]
    others: list[MoveSlot]


@dataclass(frozen=True)
class MoveSlots:
    """What is offered."""

    has_hours: bool
    days: list[MoveDay] = field(default_factory=list)
    neighbours: list[MoveSlot] = field(default_factory=list)

    @property
    def values(self) -> list[str]:
        """List every value that is offered."""
        own = (slot for day in self.days for slot in (*day.few, *day.others))
        return [slot.value for slot in (*own, *self.neighbours)]


def slots_to_move_to(
    session: Session, appointment: Appointment, now: datetime
) -> MoveSlots:
    """Look for the next free slots; the appointment's own present one does not count."""
    if not has_published_hours(session, appointment.organisation_id):
        return MoveSlots(has_hours=False)
    days = list(_days(session, appointment, now))
    return MoveSlots(True, days, _neighbours(session, appointment, now))


def _days(
    session: Session, appointment: Appointment, now: datetime
) -> Iterator[MoveDay]:
    """Give the hours of the next days that have any."""
    relay = appointment.kiosk.relay
    zone = ZoneInfo(relay.time_zone)
    after = now
    for _ in range(DAYS):
        search = _search(session, appointment, [relay.id], after, HOURS_OF_A_DAY)
        found = [
            slot
            for slot in find_slots(session, search, now).slots
            if slot.starts_at != appointment.starts_at
        ]
        if not found:
            return
        day = local_day(found[0].starts_at, zone)
        hours = [
            MoveSlot(
                str(SlotValue(slot.starts_at, relay.slug)), clock(slot.starts_at, zone)
            )
            for slot in found
            if local_day(slot.starts_at, zone) == day
        ]
        yield MoveDay(long_date(day), hours[:HOURS_SEEN], hours[HOURS_SEEN:])
        _, after = day_bounds(day, zone)


def _neighbours(
    session: Session, appointment: Appointment, now: datetime
) -> list[MoveSlot]:
    near = neighbours_of(session, appointment.kiosk.relay)
    if not near:
        return []
    search = _search(session, appointment, list(near), now, NEIGHBOUR_SLOTS)
    offered = []
    for slot in find_slots(session, search, now).slots:
        relay, km = near[slot.relay_id]
        offered.append(
            MoveSlot(
                str(SlotValue(slot.starts_at, relay.slug)),
                moment(slot.starts_at, ZoneInfo(relay.time_zone), now),
                relay.name,
                None if km is None else round(km),
            )
        )
    return offered


def _search(
    session: Session,
    appointment: Appointment,
    relay_ids: list[int],
    after: datetime,
    limit: int,
) -> SlotSearch:
    length: timedelta = length_when_moved(session, appointment)
    return SlotSearch(
        organisation_id=appointment.organisation_id,
        relay_ids=relay_ids,
        length=length,
        after=after,
        limit=limit,
        besides=appointment.id,
        interpreter_id=appointment.interpreter_id,
    )
