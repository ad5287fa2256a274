# SPDX-License-Identifier: AGPL-3.0-or-later
"""Hours of a week as people read them."""

from flask_babel import get_locale, gettext

from booking_web.domain.places.weekly_hours import WeeklyHours
from booking_web.tables.hours import MINUTES_A_DAY


def hour_words(minute: int, language: str) -> str:
    """Write a minute of the day: "8 h 30" in French, "8:30" in English."""
    hour, rest = divmod(minute % MINUTES_A_DAY, 60)
    if language == "fr":
        return f"{hour} h {rest:02}" if rest else f"{hour} h"
    return f"{hour}:{rest:02}"


def range_words(opens: int, closes: int, language: str) -> str:
    """Write both ends of a range."""
    ends = hour_words(closes, language)
    return f"{hour_words(opens, language)} – {ends}".replace(
        " h", "\N{NO-BREAK SPACE}h"
    )


def week_lines(hours: WeeklyHours) -> list[str]:
    """Write a line for each run of days with the same hours; none where there are none."""
    locale = get_locale()
    names = locale.days["stand-alone"]["wide"]
    lines = []
    for first, last, ranges in hours.runs:
        days = names[first]
        if last == first + 1:
            days = gettext("%(one)s et %(other)s", one=days, other=names[last])
        elif last > first:
            days = gettext("du %(one)s au %(other)s", one=days, other=names[last])
        told = ", ".join(range_words(*each, locale.language) for each in ranges)
        days = days[:1].upper() + days[1:]
        lines.append(gettext("%(days)s : %(hours)s", days=days, hours=told))
    if hours.has_more:
        lines.append(gettext("D'autres jours aussi : demandez."))
    return lines
