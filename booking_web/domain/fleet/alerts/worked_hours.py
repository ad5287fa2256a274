# SPDX-License-Identifier: AGPL-3.0-or-later
"""When town halls work, by their own clocks; pure."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from booking_web.domain.places.public_holidays import holiday_name, region_of

FIRST_HOUR, LAST_HOUR, SATURDAY = 8, 18, 5
# A day of work, whenever it began.
WORKED_DAY = timedelta(hours=LAST_HOUR - FIRST_HOUR)
_DAY = timedelta(days=1)


def is_worked(zone: ZoneInfo, now: datetime) -> bool:
    """Tell whether town halls of this zone work now."""
    local = now.astimezone(zone)
    return is_working_day(zone, local.date()) and FIRST_HOUR <= local.hour < LAST_HOUR


def is_working_day(zone: ZoneInfo, day: date) -> bool:
    """Tell whether it is neither a week-end nor a public holiday there."""
    is_holiday = holiday_name(day, region_of(zone.key)) is not None
    return day.weekday() < SATURDAY and not is_holiday


def worked_since(
    since: datetime,
    now: datetime,
    zone: ZoneInfo,
    is_open: Callable[[date], bool],
    at_most: timedelta,
    days_back: int,
) -> timedelta:
    """Add up the hours of work from `since` to `now` on days that are open.

    It goes back from today and stops at `at_most`, or `days_back` days ago.
    """
    passed, day = timedelta(), now.astimezone(zone).date()
    last = max(since.astimezone(zone).date(), day - days_back * _DAY)
    while day >= last and passed < at_most:
        if is_open(day):
            begins = datetime.combine(day, time(FIRST_HOUR), zone).astimezone(UTC)
            ends = datetime.combine(day, time(LAST_HOUR), zone).astimezone(UTC)
            passed += max(timedelta(), min(now, ends) - max(since, begins))
        day -= _DAY
    return passed
