# SPDX-License-Identifier: AGPL-3.0-or-later
"""The hours at which most public offices receive, to begin with."""

from datetime import date

from booking_web.tables.hours import Opening

MONDAY_TO_FRIDAY = 31
HOURS = ((8 * 60 + 30, 12 * 60), (13 * 60 + 30, 17 * 60 + 30))


def usual_week(counter_id: int, first_day: date) -> list[Opening]:
    """Give the ranges of a counter's usual week, not yet added to a session."""
    return [
        Opening(
            counter_id=counter_id,
            first_day=first_day,
            weekdays=MONDAY_TO_FRIDAY,
            opens_minute=opens,
            closes_minute=closes,
        )
        for opens, closes in HOURS
    ]
