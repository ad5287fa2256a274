# SPDX-License-Identifier: AGPL-3.0-or-later
"""Wall clocks: summer time, winter time, midnight, overseas."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from booking_web.base.local_time import NoSuchHour, day_bounds, local_day, utc_of

PARIS = ZoneInfo("Europe/Paris")
EARLY = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "hour", "zone", "expected"),
    [
        (date(2026, 11, 24), time(10), "Europe/Paris", "2026-11-24T09:00+00:00"),
        (date(2026, 7, 1), time(10), "Europe/Paris", "2026-07-01T08:00+00:00"),
        (date(2026, 7, 1), time(10), "Indian/Reunion", "2026-07-01T06:00+00:00"),
        (date(2026, 7, 1), time(22), "America/Cayenne", "2026-07-02T01:00+00:00"),
        (date(2028, 2, 29), time(0, 5), "Europe/Paris", "2028-02-28T23:05+00:00"),
    ],
)
def test_an_hour_on_the_wall_is_one_instant(day, hour, zone, expected) -> None:
    instant = utc_of(day, hour, ZoneInfo(zone), EARLY)
    assert instant == datetime.fromisoformat(expected)


def test_the_hour_that_summer_time_skips_is_refused_with_the_next_one() -> None:
    with pytest.raises(NoSuchHour) as refused:
        utc_of(date(2026, 3, 29), time(2, 30), PARIS, EARLY)
    assert refused.value.first_after.timetz() == time(3, 30, tzinfo=PARIS)


def test_the_hour_that_comes_twice_is_the_first_one_to_come() -> None:
    day, hour = date(2026, 10, 25), time(2, 30)
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert utc_of(day, hour, PARIS, EARLY) == first
    between = datetime(2026, 10, 25, 1, 0, tzinfo=UTC)
    assert utc_of(day, hour, PARIS, between) == second


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 11, 24), 24)],
)
def test_a_day_lasts_as_long_as_the_wall_clock_says(day, hours) -> None:
    begins, ends = day_bounds(day, PARIS)
    assert (ends - begins).total_seconds() == hours * 3600
    assert local_day(begins, PARIS) == day
    assert local_day(ends, PARIS) > day
