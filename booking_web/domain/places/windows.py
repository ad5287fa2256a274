# SPDX-License-Identifier: AGPL-3.0-or-later
"""Looks through days, a few at first and ever more, for places that are free."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from sqlalchemy.orm import Session

from booking_web.domain.places.day_limits import DayLimits
from booking_web.domain.places.held_bits import (
    held_by_appointment,
    held_by_counters,
    held_by_kiosks,
    kiosks_on_the_line,
)
from booking_web.domain.places.hours import CounterHours
from booking_web.domain.places.interpreters import InterpretersFree
from booking_web.domain.places.published import Calendar
from booking_web.domain.places.slot_bits import (
    DAY_SLOTS,
    bits_of,
    runs,
    slot_number,
    span,
)

FIRST_WINDOW_DAYS = 1
GROWTH = 2


@dataclass(frozen=True)
class Asked:
    """What is looked for; `kiosks` by relay, nearest first."""

    organisation_id: int
    kiosks: dict[int, list[int]]
    slots: int
    now: datetime
    besides: int | None


@dataclass(frozen=True)
class FreeSlot:
    """The slot at which a kiosk and a counter become free for the whole length."""

    slot: int
    relay_id: int
    kiosk_id: int
    counter_id: int


@dataclass(frozen=True)
class _Window:
    """The slots from `first` to before `end` in which starts lie; both whole UTC days."""

    first: int
    end: int
    # The bits, counted from `first`, at which an appointment may start.
    wanted: int


class WindowSearch:
    """One search. The `met_` flags say how near to a place it came."""

    def __init__(
        self,
        session: Session,
        asked: Asked,
        calendar: Calendar,
        limits: DayLimits,
        interpreters: InterpretersFree | None = None,
    ) -> None:
        self._session = session
        self._asked = asked
        self._calendar = calendar
        self._limits = limits
        self._interpreters = interpreters
        # A counter is open to one of the relays.
        self.met_open = False
        # An appointment of this length would fit, were nothing held.
        self.met_starts = False
        # A place is free, but its day has as many appointments as are wanted.
        self.met_free = False
        # A place is free, and no interpreter is.
        self.met_without_interpreter = False
        self._own_kiosks: dict[int, list[int]] = {}
        self._own_counters: dict[int, list[int]] = {}
        if asked.besides is not None:
            self._own_kiosks, self._own_counters = held_by_appointment(
                session, asked.besides
            )

    def earliest(self, first: int, end: int, limit: int) -> list[FreeSlot]:
        """Give up to `limit` places that start from `first` to before `end`, in order."""
        places: list[FreeSlot] = []
        for window in _windows(first, end):
            places += self._places_in(window, limit - len(places))
            if len(places) >= limit:
                break
        return places

    def _places_in(self, window: _Window, limit: int) -> list[FreeSlot]:
        # A day more, so that hours are seen which go on across the window's end.
        hours = self._calendar.open_slots(window.first, window.end + DAY_SLOTS)
        relays = self._asked.kiosks
        # The relays that some counter has hours of their own for; None: all others.
        own = {relay for each in hours.values() for relay in each.by_relay}
        views: list[int | None] = [relay for relay in relays if relay in own]
        if len(views) < len(relays):
            views.append(None)
        starts, end = self._possible(window, hours, views)
        if not starts:
            return []
        kiosks = self._kiosk_runs(window.first, end)
        with_kiosk = {relay: _union(runs_of) for relay, runs_of in kiosks.items()}
        if not starts & _union(with_kiosk):
            return []
        counters = self._counter_starts(window.first, end, hours, views)
        with_counter = {view: _union(of) for view, of in counters.items()}
        offered = {
            relay: bits & window.wanted & with_counter[relay if relay in own else None]
            for relay, bits in with_kiosk.items()
        }
        self._keep_interpreted(window, offered)
        places = []
        for bit, relay in self._allowed(window.first, offered):
            kiosk_id = _first_with(bit, kiosks[relay])
            counter_id = _first_with(bit, counters[relay if relay in own else None])
            places.append(FreeSlot(window.first + bit, relay, kiosk_id, counter_id))
            if len(places) == limit:
                break
        return places

    def _keep_interpreted(self, window: _Window, offered: dict[int, int]) -> None:
        """Leave out the starts at which no interpreter is free, where one is wanted."""
        if self._interpreters is None:
            return
        # A day more: an appointment may go on across the window's end.
        interpreted = self._interpreters.starts(
            window.first, window.end + DAY_SLOTS, list(offered)
        )
        for relay, bits in offered.items():
            offered[relay] = bits & interpreted[relay]
            self.met_without_interpreter |= bits != offered[relay]

    def _possible(
        self,
        window: _Window,
        hours: dict[int, CounterHours],
        views: list[int | None],
    ) -> tuple[int, int]:
        """Give the starts if nothing were held, and the slot up to which to read."""
        distinct = {
            id(opened): opened
            for each in hours.values()
            for opened in map(each.open_to, views)
        }
        boundary = window.end - window.first
        starts, end = 0, window.end
        for opened in distinct.values():
            self.met_open |= bool(opened.open & window.wanted)
            starts |= runs(opened.open, self._asked.slots) & opened.starts
            if opened.open >> (boundary - 1) & 3 == 3:
                end = window.end + DAY_SLOTS
        starts &= window.wanted
        self.met_starts |= bool(starts)
        return starts, end

    def _kiosk_runs(self, first: int, end: int) -> dict[int, dict[int, int]]:
        """Give, by relay and kiosk, the bits from which the kiosk is free long enough."""
        asked = self._asked
        kiosk_ids = [kiosk for of_relay in asked.kiosks.values() for kiosk in of_relay]
        held = held_by_kiosks(self._session, kiosk_ids, first, end)
        _give_back(held, self._own_kiosks, first)
        present = slot_number(asked.now)
        if first <= present < end:
            for kiosk in kiosks_on_the_line(self._session, kiosk_ids, asked.besides):
                held[kiosk] = held.get(kiosk, 0) | 1 << (present - first)
        whole = span(0, end - first)
        return {
            relay: {
                kiosk: runs(whole & ~held.get(kiosk, 0), asked.slots)
                for kiosk in of_relay
            }
            for relay, of_relay in asked.kiosks.items()
        }

    def _counter_starts(
        self,
        first: int,
        end: int,
        hours: dict[int, CounterHours],
        views: list[int | None],
    ) -> dict[int | None, dict[int, int]]:
        """Give, by view and counter, the starts at which the counter is free long enough."""
        asked = self._asked
        held = held_by_counters(self._session, asked.organisation_id, first, end)
        _give_back(held, self._own_counters, first)
        found: dict[int | None, dict[int, int]] = {view: {} for view in views}
        for counter_id, each in hours.items():
            taken = held.get(counter_id, 0)
            for view in views:
                opened = each.open_to(view)
                free = opened.open & ~taken
                found[view][counter_id] = runs(free, asked.slots) & opened.starts
        return found

    def _allowed(
        self, first: int, offered: dict[int, int]
    ) -> Iterator[tuple[int, int]]:
        """Give each start, in order, with the nearest relay that has it and may have it."""
        limits = self._limits
        for bit in bits_of(_union(offered)):
            self.met_free = True
            day = limits.day_of(first + bit)
            if limits.is_full(day):
                continue
            for relay, bits in offered.items():
                if bits >> bit & 1 and not limits.is_full_for(day, relay):
                    yield bit, relay
                    break


def _union(sets: dict[Any, int]) -> int:
    return reduce(or_, sets.values(), 0)


def _first_with(bit: int, sets: dict[int, int]) -> int:
    return next(owner for owner, bits in sets.items() if bits >> bit & 1)


def _give_back(held: dict[int, int], own: dict[int, list[int]], first: int) -> None:
    """Take an appointment's own slots out of those that are held."""
    for owner, slots in own.items():
        for slot in slots:
            if owner in held and slot >= first:
                held[owner] &= ~(1 << (slot - first))


def _windows(first: int, end: int) -> Iterator[_Window]:
    day, days = first // DAY_SLOTS, FIRST_WINDOW_DAYS
    while day * DAY_SLOTS < end:
        origin = day * DAY_SLOTS
        last = min(origin + days * DAY_SLOTS, -(-end // DAY_SLOTS) * DAY_SLOTS)
        yield _Window(
            origin,
            last,
            span(max(first, origin) - origin, min(end, last) - origin),
        )
        day, days = last // DAY_SLOTS, days * GROWTH
