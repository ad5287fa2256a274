# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sets of slots as the bits of one integer; pure.

A slot is known by its number since 1970 in UTC. A set has an origin, a slot number, and
bit i is the slot `origin + i`: hundreds of calendars are compared in a few operations.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache

from booking_web.domain.places.grid import SLOT, SLOT_MINUTES

DAY_SLOTS = 24 * 60 // SLOT_MINUTES
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def slot_number(instant: datetime) -> int:
    """Give the number of the slot that the instant lies in."""
    return (instant - _EPOCH) // SLOT


def first_slot_from(instant: datetime) -> int:
    """Give the number of the first slot that begins at or after the instant."""
    return -((_EPOCH - instant) // SLOT)


def start_of(slot: int) -> datetime:
    """Give the instant, in UTC, at which the slot begins."""
    return _EPOCH + slot * SLOT


def slots_in(length: timedelta) -> int:
    """Give how many slots an appointment of this length holds, begun on the grid."""
    return -(-length // SLOT)


def span(first: int, end: int) -> int:
    """Give the bits from `first` to before `end`; parts below bit 0 are left out."""
    first = max(first, 0)
    return ((1 << (end - first)) - 1) << first if end > first else 0


@cache
def ticks(length: int, step: int) -> int:
    """Give every `step`-th bit below `length`, bit 0 first."""
    return sum(1 << bit for bit in range(0, length, step))


def runs(free: int, length: int) -> int:
    """Give the bits from which `length` bits in a row are free."""
    found, known = free, 1
    while known < length and found:
        step = min(known, length - known)
        found &= found >> step
        known += step
    return found


def bits_of(number: int) -> Iterator[int]:
    """Give the positions of the bits, lowest first."""
    while number:
        lowest = number & -number
        yield lowest.bit_length() - 1
        number ^= lowest
