# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reads the days and hours that people type, and says in the field what is wrong."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from flask_babel import gettext
from wtforms import StringField

from booking_web.base.local_time import NoSuchHour, utc_of
from booking_web.words.dates import clock


def typed_instant(
    day_field: StringField, hour_field: StringField, zone: ZoneInfo, now: datetime
) -> datetime | None:
    """Give the instant, in UTC; None after adding an error to one of the fields."""
    day, hour = typed_day(day_field), parsed_hour(hour_field.data)
    if hour is None:
        hour_field.errors = [gettext("Écrivez l'heure, par exemple 14:30.")]
    if day is None or hour is None:
        return None
    try:
        return utc_of(day, hour, zone, now)
    except NoSuchHour as error:
        hour_field.errors = [
            gettext(
                "Cette heure n'existe pas ce jour-là : on passe à l'heure d'été. "
                "Choisissez %(hour)s ou plus tard.",
                hour=clock(error.first_after, zone),
            )
        ]
    except OverflowError:
        day_field.errors = [gettext("Cette date n'est pas possible.")]
    return None


def typed_day(field: StringField) -> date | None:
    """Give the day; None after adding an error to the field."""
    day = parsed_day(field.data)
    if day is None:
        field.errors = [
            gettext("Écrivez la date, par exemple %(example)s.", example="24/11/2026")
        ]
    return day


def parsed_day(text: str | None) -> date | None:
    """Read what a date field sends, and what a person types where there is none."""
    for pattern in ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y"):
        try:
            return datetime.strptime((text or "").strip(), pattern).date()
        except ValueError:
            continue
    return None


def parsed_hour(text: str | None) -> time | None:
    """Read 14:30, 14:30:00, 14h30, 14 h 30 and 14 h."""
    compact = "".join((text or "").lower().split()).replace("h", ":").rstrip(":")
    for pattern in ("%H:%M", "%H:%M:%S", "%H"):
        try:
            return datetime.strptime(compact, pattern).time()
        except ValueError:
            continue
    return None
