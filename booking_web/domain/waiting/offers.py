# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which free slot is offered to whom: the first who waits comes first.

Nothing is stored but what a resident let pass: an offer is what a search finds now, so a
slot that is freed in whatever way is offered, and one that is taken is not.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from booking_web.base.local_time import day_bounds, local_day
from booking_web.domain.appointments.lengths import length_of
from booking_web.domain.places.search import Slot, SlotSearch, find_slots
from booking_web.domain.places.slot_value import SlotValue
from booking_web.domain.rights.restriction import is_unrestricted
from booking_web.tables.waiting import WaitingEntry, WaitingState

# Beyond, a list is too long to be offered slot by slot on one page.
MAX_ENTRIES = 200
# A resident who let so many pass is offered later ones only by chance.
_SPARE = 8


@dataclass(frozen=True)
class Offer:
    """A slot that suits somebody who waits."""

    entry: WaitingEntry
    slot: Slot

    @property
    def value(self) -> str:
        """Write the slot as the forms send it."""
        return offer_key(self.entry, self.slot.starts_at)

    @property
    def zone(self) -> ZoneInfo:
        """Give the zone in which the hour is read."""
        return ZoneInfo(self.entry.relay.time_zone)


def offer_key(entry: WaitingEntry, starts_at: datetime) -> str:
    """Name a slot of the entry's relay, as forms and `passed` write it."""
    return str(SlotValue(starts_at, entry.relay.slug))


def is_expired(entry: WaitingEntry, now: datetime) -> bool:
    """Tell whether the last day that is of use has passed."""
    zone = ZoneInfo(entry.relay.time_zone)
    return entry.until is not None and entry.until < local_day(now, zone)


def waiting_at(session: Session, relay_ids: Sequence[int]) -> list[WaitingEntry]:
    """List those who wait at these relays, the first come first."""
    return list(session.scalars(_waiting().where(WaitingEntry.relay_id.in_(relay_ids))))


def offers_at(session: Session, relay_ids: Sequence[int], now: datetime) -> list[Offer]:
    """Give what may be offered at these relays, by who came first.

    Those who wait at other relays for the same organisation have their turn too: a slot is
    never offered to two.
    """
    here = waiting_at(session, relay_ids)
    if not here:
        return []
    organisations = {entry.organisation_id for entry in here}
    rivals = session.scalars(
        _waiting()
        .where(WaitingEntry.organisation_id.in_(organisations))
        .limit(MAX_ENTRIES)
    ).all()
    in_time = [entry for entry in rivals if not is_expired(entry, now)]
    offers = _shared_out(in_time, _found_for(session, in_time, now))
    return [offer for offer in offers if offer.entry.relay_id in relay_ids]


def _shared_out(
    entries: Sequence[WaitingEntry], found: dict[int, list[Slot]]
) -> list[Offer]:
    given: list[Slot] = []
    offers = []
    for entry in entries:
        slot = next(
            (
                slot
                for slot in found[entry.id]
                if offer_key(entry, slot.starts_at) not in entry.passed
                and _is_in_time(entry, slot)
                and not any(_collide(slot, other) for other in given)
            ),
            None,
        )
        if slot is not None:
            given.append(slot)
            offers.append(Offer(entry, slot))
    return offers


class _Wanted(NamedTuple):
    """What several may wait for alike."""

    organisation_id: int
    relay_id: int
    length: timedelta
    interpreter_id: int | None


def _found_for(
    session: Session, entries: Sequence[WaitingEntry], now: datetime
) -> dict[int, list[Slot]]:
    """Search once for all who want the same."""
    groups: dict[_Wanted, list[WaitingEntry]] = defaultdict(list)
    for entry in entries:
        length = length_of(entry.organisation, entry.visit_reason)
        wanted = _Wanted(
            entry.organisation_id, entry.relay_id, length, entry.interpreter_id
        )
        groups[wanted].append(entry)
    found = {}
    for wanted, group in groups.items():
        passed = max(len(entry.passed) for entry in group)
        search = SlotSearch(
            organisation_id=wanted.organisation_id,
            relay_ids=[wanted.relay_id],
            length=wanted.length,
            after=now,
            limit=len(entries) + passed + _SPARE,
            interpreter_id=wanted.interpreter_id,
        )
        slots = find_slots(session, search, now).slots
        found.update({entry.id: slots for entry in group})
    return found


def _is_in_time(entry: WaitingEntry, slot: Slot) -> bool:
    if entry.until is None:
        return True
    _, ends = day_bounds(entry.until, ZoneInfo(entry.relay.time_zone))
    return slot.starts_at < ends


def _collide(one: Slot, other: Slot) -> bool:
    shares = one.counter_id == other.counter_id or one.kiosk_id == other.kiosk_id
    return shares and one.starts_at < other.ends_at and other.starts_at < one.ends_at


def _waiting() -> Select[WaitingEntry]:
    return (
        select(WaitingEntry)
        .where(
            WaitingEntry.state == WaitingState.WAITING,
            is_unrestricted(WaitingEntry.resident_id),
        )
        .options(
            joinedload(WaitingEntry.relay),
            joinedload(WaitingEntry.organisation),
            joinedload(WaitingEntry.interpreter),
            joinedload(WaitingEntry.visit_reason),
            joinedload(WaitingEntry.resident),
        )
        .order_by(WaitingEntry.created_at, WaitingEntry.id)
    )
