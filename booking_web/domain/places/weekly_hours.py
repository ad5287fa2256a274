# SPDX-License-Identifier: AGPL-3.0-or-later
"""The hours of an ordinary week, as they stand on paper: no holiday, no exception. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from booking_web.domain.places.hours import HoursRange
from booking_web.domain.places.published import Calendar

DAYS = 7
Minutes = tuple[int, int]


@dataclass(frozen=True)
class WeeklyHours:
    """When somebody is received on each weekday, Monday first."""

    days: tuple[tuple[Minutes, ...], ...]
    # There are others too, which do not come each week or begin later.
    has_more: bool

    @property
    def runs(self) -> list[tuple[int, int, tuple[Minutes, ...]]]:
        """Give first day, last day and hours of days in a row that have the same."""
        found: list[tuple[int, int, tuple[Minutes, ...]]] = []
        for day, hours in enumerate(self.days):
            if not hours:
                continue
            if found and found[-1][1:] == (day - 1, hours):
                found[-1] = (found[-1][0], day, hours)
            else:
                found.append((day, day, hours))
        return found


def weekly_hours(calendar: Calendar, relay_id: int, today: date) -> WeeklyHours:
    """Give the hours at which an organisation receives this relay's residents each week."""
    ranges = {
        each
        for by_relay in calendar.schedules.values()
        for relay in (None, relay_id)
        if relay in by_relay
        for each in by_relay[relay].ranges
        if each.last_day is None or each.last_day >= today
    }
    usual = [each for each in ranges if _is_usual(each, today)]
    return WeeklyHours(
        tuple(
            _joined(
                (each.opens_minute, each.closes_minute)
                for each in usual
                if each.weekdays >> day & 1
            )
            for day in range(DAYS)
        ),
        has_more=len(usual) < len(ranges),
    )


def _is_usual(each: HoursRange, today: date) -> bool:
    return each.every_weeks == 1 and each.first_day <= today


def _joined(ranges: Iterable[Minutes]) -> tuple[Minutes, ...]:
    """Put counters together: two that overlap are open from the first to the last minute."""
    joined: list[Minutes] = []
    for opens, closes in sorted(ranges):
        if joined and opens <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(closes, joined[-1][1]))
        else:
            joined.append((opens, closes))
    return tuple(joined)
