# SPDX-License-Identifier: AGPL-3.0-or-later
"""From a relay's wall clock to UTC and back; pure."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


class NoSuchHour(ValueError):
    """The wall clock skips this hour: summer time begins."""

    def __init__(self, first_after: datetime) -> None:
        super().__init__("this hour does not exist on that day")
        # The first wall-clock hour after the gap.
        self.first_after = first_after


def utc_of(day: date, hour: time, zone: ZoneInfo, now: datetime) -> datetime:
    """Give the UTC instant of a wall-clock hour.

    An hour that comes twice (winter time begins) is the first one still to come.
    Raises NoSuchHour in the gap of summer time.
    """
    local = datetime.combine(day, hour.replace(fold=0), zone)
    instant = local.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise NoSuchHour(instant.astimezone(zone))
    second = local.replace(fold=1).astimezone(UTC)
    if second != instant and instant < now:
        return second
    return instant


def day_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Give the UTC instants at which a local day begins and ends (23 to 25 hours)."""
    begins = datetime.combine(day, time(0), zone)
    ends = datetime.combine(day + timedelta(days=1), time(0), zone)
    return begins.astimezone(UTC), ends.astimezone(UTC)


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """Give the date on the wall at `instant`."""
    return instant.astimezone(zone).date()
