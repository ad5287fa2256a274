# SPDX-License-Identifier: AGPL-3.0-or-later
"""The slots to which an appointment may be moved: its own relay's, then the neighbours'."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from booking_web.acts import length_when_moved
from booking_web.availability.search import (
    SlotSearch,
    find_slots,
    has_published_hours,
    nearest_relays,
)
from booking_web.desk.booking import moment
from booking_web.desk.slot_value import SlotValue
from booking_web.models import Appointment

OWN_SLOTS = 12
NEIGHBOURS = 3
NEIGHBOUR_SLOTS = 4
# Farther away is no neighbour to somebody without a car.
NEIGHBOUR_KM = 60.0


@dataclass(frozen=True)
class MoveSlot:
    """A slot as the page writes it; `relay` is empty at the own one."""

    value: str
    when: str
    relay: str = ""
    distance_km: int | None = None


@dataclass(frozen=True)
class MoveSlots:
    """What is offered."""

    has_hours: bool
    own: list[MoveSlot] = field(default_factory=list)
    neighbours: list[MoveSlot] = field(default_factory=list)

    @property
    def values(self) -> list[str]:
        """List every value that is offered."""
        return [slot.value for slot in (*self.own, *self.neighbours)]


def slots_to_move_to(
    session: Session, appointment: Appointment, now: datetime
) -> MoveSlots:
    """Look for the next free slots; the appointment's own present one does not count."""
    if not has_published_hours(session, appointment.organisation_id):
        return MoveSlots(has_hours=False)
    relay = appointment.kiosk.relay
    zone = ZoneInfo(relay.time_zone)
    found = find_slots(
        session, _search(session, appointment, [relay.id], now, OWN_SLOTS), now
    )
    own = [
        MoveSlot(
            str(SlotValue(slot.starts_at, relay.slug)),
            moment(slot.starts_at, zone, now),
        )
        for slot in found.slots
        if slot.starts_at != appointment.starts_at
    ]
    return MoveSlots(True, own, _neighbours(session, appointment, now))


def _neighbours(
    session: Session, appointment: Appointment, now: datetime
) -> list[MoveSlot]:
    near = {
        relay.id: (relay, km)
        for relay, km in nearest_relays(session, appointment.kiosk.relay)[1:]
        if km is None or km <= NEIGHBOUR_KM
    }
    nearest = list(near)[:NEIGHBOURS]
    if not nearest:
        return []
    search = _search(session, appointment, nearest, now, NEIGHBOUR_SLOTS)
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
    )
