# SPDX-License-Identifier: AGPL-3.0-or-later
"""Days and hours as the page's language writes them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from flask_babel import format_date, format_datetime, get_locale, gettext

from booking_web.base.local_time import local_day

# French writes 14 h 05, English 14:05.
_CLOCK_PATTERNS = {"fr": "H 'h' mm", "en": "H:mm"}


def clock(instant: datetime, zone: ZoneInfo) -> str:
    """Write the hour on the relay's wall, as the page's language does."""
    language = get_locale().language
    return format_datetime(
        instant.astimezone(zone).replace(tzinfo=None),
        _CLOCK_PATTERNS[language],
        rebase=False,
    )


def long_date(day: date) -> str:
    """Write a date in full, as the page's language does."""
    return _written(day, "EEEE {} MMMM y")


def short_date(day: date) -> str:
    """Write a date without its day of the week."""
    return _written(day, "{} MMMM y")


def near_date(day: date) -> str:
    """Write a date that nobody takes for another year's."""
    return _written(day, "EEEE {} MMMM")


def brief_date(day: date) -> str:
    """Write a date such as "24 nov. 2026"."""
    return _written(day, "{} MMM y")


def moment(instant: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Write a day and an hour as people say them."""
    day = local_day(instant, zone)
    if day == local_day(now, zone):
        return gettext("aujourd'hui à %(hour)s", hour=clock(instant, zone))
    return gettext(
        "le %(day)s à %(hour)s", day=long_date(day), hour=clock(instant, zone)
    )


def dated_hour(instant: datetime, zone: ZoneInfo) -> str:
    """Write a day and an hour such as "24 novembre 2026, 14:05", for a list or a sheet."""
    day = short_date(local_day(instant, zone))
    return f"{day}, {instant.astimezone(zone):%H:%M}"


def day_of(instant: datetime) -> str:
    """Write an instant's date in UTC, where an hour or two are not looked at."""
    return short_date(instant.astimezone(UTC).date())


def _written(day: date, pattern: str) -> str:
    # French says "premier" of a month's first day alone.
    is_first = day.day == 1 and get_locale().language == "fr"
    return format_date(day, pattern.format("d'er'" if is_first else "d"))
