# SPDX-License-Identifier: AGPL-3.0-or-later
"""How long it is until an hour, in words; static/counsellor/countdown.js goes on with them."""

from datetime import datetime

from flask_babel import gettext


def countdown_words(hour: datetime, now: datetime) -> str:
    """Say how long it is until the hour, or since: never less than is left."""
    seconds = (hour - now).total_seconds()
    if seconds > 0:
        return gettext("dans %(time)s", time=minutes_words(int(-(-seconds // 60))))
    late = int(-seconds // 60)
    if late == 0:
        return gettext("c'est l'heure")
    return gettext("l'heure est passée depuis %(time)s", time=minutes_words(late))


def minutes_words(minutes: int) -> str:
    """Write minutes as people say them: 12 min, 1 h 05."""
    if minutes < 60:
        return gettext("%(minutes)s min", minutes=minutes)
    hours, minutes = divmod(minutes, 60)
    return gettext("%(hours)s h %(minutes)s", hours=hours, minutes=f"{minutes:02}")


def countdown_patterns() -> dict[str, str]:
    """Give the same words for the page's script, with %t, %h and %m where figures stand."""
    return {
        "until": gettext("dans %(time)s", time="%t"),
        "now": gettext("c'est l'heure"),
        "since": gettext("l'heure est passée depuis %(time)s", time="%t"),
        "minutes": gettext("%(minutes)s min", minutes="%m"),
        "hours": gettext("%(hours)s h %(minutes)s", hours="%h", minutes="%m"),
    }
