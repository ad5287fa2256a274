# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages say of a kiosk's clock."""

from datetime import timedelta

from flask_babel import format_timedelta, gettext


def clock_words(ahead_seconds: int) -> str:
    """Say that the clock is wrong, and by how much; nothing where it is right."""
    if not ahead_seconds:
        return ""
    length = format_timedelta(timedelta(seconds=abs(ahead_seconds)), threshold=1)
    if ahead_seconds > 0:
        return gettext("L'horloge de la borne avance de %(length)s.", length=length)
    return gettext("L'horloge de la borne retarde de %(length)s.", length=length)


def clock_off_words(ahead_seconds: int) -> str:
    """Say in two words by how much a clock is wrong; nothing where it is right."""
    if not ahead_seconds:
        return ""
    length = format_timedelta(timedelta(seconds=abs(ahead_seconds)), threshold=1)
    if ahead_seconds > 0:
        return gettext("avance de %(length)s", length=length)
    return gettext("retarde de %(length)s", length=length)
