# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages say of a place in a line: never more exact than it can be."""

import math
from datetime import timedelta

from flask_babel import gettext

from booking_web.line.estimate import LinePlace

ROUNDED_TO_MINUTES = 5
SOON = timedelta(minutes=2)


def position_words(place: LinePlace) -> str:
    """Say which place it is."""
    if place.position == 1:
        return gettext("Premier dans la file")
    return gettext("%(position)se dans la file", position=place.position)


def wait_words(wait: timedelta | None) -> str:
    """Say how long it may be, rounded up; says so where nothing is known."""
    if wait is None:
        return gettext("attente impossible à estimer pour l'instant")
    if wait <= SOON:
        return gettext("dans un instant")
    minutes = math.ceil(wait / timedelta(minutes=ROUNDED_TO_MINUTES))
    minutes *= ROUNDED_TO_MINUTES
    if minutes < 60:
        return gettext("environ %(minutes)s minutes", minutes=minutes)
    hours, rest = divmod(minutes, 60)
    if not rest:
        return gettext("environ %(hours)s h", hours=hours)
    return gettext("environ %(hours)s h %(minutes)s", hours=hours, minutes=rest)


def place_words(place: LinePlace) -> str:
    """Say position and estimate in one sentence."""
    return gettext(
        "%(position)s, %(wait)s.",
        position=position_words(place),
        wait=wait_words(place.wait),
    )
