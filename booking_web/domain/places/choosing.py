# SPDX-License-Identifier: AGPL-3.0-or-later
"""Chooses a kiosk and a counter for a stretch of time, given what each is held for; pure.

Whoever looks for a place asks `find_place`, which reads what is held and then chooses here. A
preview, and a line whose latecomers give way, choose among what they know to be held.
"""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from booking_web.domain.places.grid import proposed_starts, slots_touched

Held = Mapping[int, Set[datetime]]


class Side(StrEnum):
    """The two that every appointment holds, and the third of some."""

    KIOSK = "kiosk"
    COUNTER = "counter"
    INTERPRETER = "interpreter"


@dataclass(frozen=True)
class Place:
    """A kiosk and a counter that are free from this start on, for the whole length."""

    starts_at: datetime
    kiosk_id: int
    counter_id: int
    # Of a service of interpreters; None: none was asked for.
    interpreter_counter_id: int | None = None


@dataclass(frozen=True)
class Taken:
    """There is no place: every kiosk of the relay or counter of the organisation is held."""

    by: Side
    # There is none at all, held or not.
    is_missing: bool = False


def choose_place(
    starts_at: datetime, ends_at: datetime, kiosks: Held, counters: Held
) -> Place | Taken:
    """Give the first kiosk and the first counter that are free, or say which there is not."""
    sides = ((Side.KIOSK, kiosks), (Side.COUNTER, counters))
    for side, owners in sides:
        if not owners:
            return Taken(side, is_missing=True)
    slots = slots_touched(starts_at, ends_at)
    free = []
    for side, owners in sides:
        owner = free_among(owners, slots)
        if owner is None:
            return Taken(side)
        free.append(owner)
    return Place(starts_at, *free)


def next_free_place(
    after: datetime, length: timedelta, kiosks: Held, counters: Held, zone: tzinfo
) -> Place | None:
    """Give the first place from `after` on, within the hours of PROPOSAL_DAYS days."""
    for starts_at in proposed_starts(after, length, zone):
        found = choose_place(starts_at, starts_at + length, kiosks, counters)
        if isinstance(found, Place):
            return found
    return None


def free_among(held: Held, wanted: Iterable[datetime]) -> int | None:
    """Give the first owner in `held` none of whose held slots is wanted."""
    slots = set(wanted)
    return next((owner for owner, taken in held.items() if not slots & taken), None)
