# SPDX-License-Identifier: AGPL-3.0-or-later
"""From ranges on the wall to sets of slots in UTC; pure.

A slot is open under a range where the wall clock, in the organisation's zone, stands within
it as the slot begins. So an hour that comes twice (winter time begins) is open twice, and
one that is skipped is not there.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from booking_web.domain.places.grid import SLOT_MINUTES
from booking_web.domain.places.slot_bits import (
    DAY_SLOTS,
    slot_number,
    span,
    start_of,
    ticks,
)

MINUTES_A_DAY = 24 * 60
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class HoursRange:
    """Hours on some weekdays; see `availability_models.Opening` for the fields."""

    first_day: date
    last_day: date | None
    weekdays: int
    every_weeks: int
    opens_minute: int
    closes_minute: int
    relay_id: int | None = None

    def is_on(self, day: date) -> bool:
        """Tell whether the range begins on this day."""
        if day < self.first_day or (self.last_day is not None and day > self.last_day):
            return False
        if not self.weekdays >> day.weekday() & 1:
            return False
        if self.every_weeks == 1:
            return True
        monday = day - timedelta(days=day.weekday())
        first = self.first_day - timedelta(days=self.first_day.weekday())
        return (monday - first).days // 7 % self.every_weeks == 0


@dataclass(frozen=True)
class ClosedRange:
    """Days, or the same hours of each of them, without reception."""

    first_day: date
    last_day: date
    from_minute: int = 0
    until_minute: int = MINUTES_A_DAY
    label: str = ""

    @property
    def is_whole_days(self) -> bool:
        """Tell whether nothing of the days is left."""
        return self.from_minute == 0 and self.until_minute == MINUTES_A_DAY


@dataclass(frozen=True)
class Schedule:
    """What is published for one counter."""

    ranges: tuple[HoursRange, ...]
    closures: tuple[ClosedRange, ...] = ()

    def has_hours_on(self, day: date) -> bool:
        """Tell whether a range begins on this day that no closure swallows whole."""
        return any(each.is_on(day) for each in self.ranges) and not any(
            each.is_whole_days and each.first_day <= day <= each.last_day
            for each in self.closures
        )


@dataclass(frozen=True)
class OpenSlots:
    """The slots in which a counter is open, and those at which an appointment may start."""

    open: int
    starts: int

    def __or__(self, other: "OpenSlots") -> "OpenSlots":
        """Give the slots of both."""
        return OpenSlots(self.open | other.open, self.starts | other.starts)


@dataclass(frozen=True)
class CounterHours:
    """A counter's slots in a window."""

    general: OpenSlots
    # Of relays with hours of their own, the general ones included.
    by_relay: dict[int, OpenSlots]

    def open_to(self, relay_id: int | None) -> OpenSlots:
        """Give the slots open to the relay's residents; None: to those of any relay."""
        if relay_id is None:
            return self.general
        return self.by_relay.get(relay_id, self.general)


class LocalDay:
    """One day on the wall of a zone, as slots of a window whose origin is given."""

    def __init__(self, day: date, zone: ZoneInfo, origin: int) -> None:
        self.day = day
        self._zone = zone
        self._origin = origin
        midnight = datetime.combine(day, time(0), zone).astimezone(UTC)
        following = datetime.combine(day + _DAY, time(0), zone).astimezone(UTC)
        self.first = slot_number(midnight) - origin
        self.end = slot_number(following) - origin
        self.is_regular = following - midnight == _DAY and self.end - self.first == (
            DAY_SLOTS
        )

    @cached_property
    def _walls(self) -> list[tuple[int, int]]:
        """Give each slot of an irregular day with its minute on the wall."""
        walls = []
        for bit in range(self.first, self.end):
            local = start_of(self._origin + bit).astimezone(self._zone)
            walls.append((bit, local.hour * 60 + local.minute))
        return walls

    def between(self, from_minute: int, until_minute: int) -> int:
        """Give the slots that begin in these minutes of the day on the wall."""
        if self.is_regular:
            return span(
                self.first - (-from_minute // SLOT_MINUTES),
                self.first - (-until_minute // SLOT_MINUTES),
            )
        return _joined(
            bit for bit, minute in self._walls if from_minute <= minute < until_minute
        )

    def stepped(
        self, from_minute: int, until_minute: int, step_minutes: int, began: int
    ) -> int:
        """Give those of them that are whole steps after minute `began` (may be negative)."""
        if self.is_regular:
            from_minute += (began - from_minute) % step_minutes
            if until_minute <= from_minute:
                return 0
            first = self.first + from_minute // SLOT_MINUTES
            found = ticks(
                (until_minute - from_minute) // SLOT_MINUTES,
                step_minutes // SLOT_MINUTES,
            )
            return found << first if first >= 0 else found >> -first
        return _joined(
            bit
            for bit, minute in self._walls
            if from_minute <= minute < until_minute
            and (minute - began) % step_minutes == 0
        )


def local_days(first: int, end: int, zone: ZoneInfo) -> list[LocalDay]:
    """Give the days on the wall that touch the slots from `first` to before `end`."""
    day = start_of(first).astimezone(zone).date()
    last = start_of(end - 1).astimezone(zone).date()
    days = []
    while day <= last:
        days.append(LocalDay(day, zone, first))
        day += _DAY
    return days


def open_slots(
    schedule: Schedule,
    days: Collection[LocalDay],
    size: int,
    step_minutes: int,
    holidays: Collection[date] = (),
) -> OpenSlots:
    """Give the slots of the window of `size` that the schedule opens on these days."""
    opened = starts = 0
    for day in days:
        if day.day in holidays:
            continue
        for from_minute, until_minute, began in _parts(schedule, day.day):
            opened |= day.between(from_minute, until_minute)
            starts |= day.stepped(from_minute, until_minute, step_minutes, began)
        for closed in schedule.closures:
            if opened and closed.first_day <= day.day <= closed.last_day:
                shut = day.between(closed.from_minute, closed.until_minute)
                opened &= ~shut
                starts &= ~shut
    window = span(0, size)
    return OpenSlots(opened & window, starts & opened & window)


NO_SLOTS = OpenSlots(0, 0)


def _parts(schedule: Schedule, day: date) -> Iterator[tuple[int, int, int]]:
    """Give the minutes of the day that each range opens, and the minute it began at.

    A range across midnight opens the morning of the day after, begun at a minute below 0.
    """
    before = day - _DAY
    for each in schedule.ranges:
        if each.is_on(day):
            until = min(each.closes_minute, MINUTES_A_DAY)
            yield each.opens_minute, until, each.opens_minute
        if each.closes_minute > MINUTES_A_DAY and each.is_on(before):
            until = each.closes_minute - MINUTES_A_DAY
            yield 0, until, each.opens_minute - MINUTES_A_DAY


def _joined(bits: Iterator[int]) -> int:
    found = 0
    for bit in bits:
        if bit >= 0:
            found |= 1 << bit
    return found
