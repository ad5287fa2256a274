# SPDX-License-Identifier: AGPL-3.0-or-later
"""Figures as people read them, on pages and paper, and as spreadsheets calculate with them."""

from collections.abc import Mapping
from datetime import date, timedelta

from flask_babel import LazyString, format_decimal, gettext, lazy_gettext

from booking_web.domain.statistics.asking import By
from booking_web.domain.statistics.masking import FEWEST, Count
from booking_web.tables.statistics import Result
from booking_web.words.dates import brief_date

# What each line is, as the head of its column and as one chooses it.
BY: Mapping[By, LazyString] = {
    By.WEEK: lazy_gettext("Semaine"),
    By.RELAY: lazy_gettext("Relais"),
    By.ORGANISATION: lazy_gettext("Organisme"),
    By.REASON: lazy_gettext("Motif"),
}
RESULTS: Mapping[Result, LazyString] = {
    Result.HONOURED: lazy_gettext("Honorés"),
    Result.ABSENT: lazy_gettext("Absents"),
    Result.EMPTY_CHAIR: lazy_gettext("Absents après l'appel"),
    Result.ABANDONED: lazy_gettext("Sans réponse"),
    Result.UNREACHABLE: lazy_gettext("Borne injoignable"),
    Result.INTERRUPTED: lazy_gettext("Appel coupé"),
    Result.CANCELLED: lazy_gettext("Annulés"),
    Result.OPEN: lazy_gettext("Non clos"),
}
NOT_TOLD = "–"


def count_words(count: Count) -> str:
    """Write how many there are; few are not told."""
    return few_words() if count is None else format_decimal(count)


def few_words() -> str:
    """Say that there are few, or none."""
    return gettext("moins de %(number)d", number=FEWEST)


def number_words(number: float | None, digits: int = 0) -> str:
    """Write a number that need not be told, with so many decimals at most."""
    if number is None:
        return NOT_TOLD
    return format_decimal(round(number, digits))


def percent_words(percent: float | None) -> str:
    """Write a share."""
    if percent is None:
        return NOT_TOLD
    return gettext("%(number)s %%", number=format_decimal(round(percent)))


def length_words(seconds: int | None) -> str:
    """Write a length of time as one says it."""
    if seconds is None:
        return NOT_TOLD
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return gettext("%(hours)d h %(minutes)02d", hours=hours, minutes=minutes)
    if not minutes:
        return gettext("%(seconds)d s", seconds=rest)
    return gettext("%(minutes)d min %(seconds)02d", minutes=minutes, seconds=rest)


def stretch_words(first: date, last: date) -> str:
    """Write a stretch of days, both included."""
    return gettext(
        "du %(first)s au %(last)s", first=brief_date(first), last=brief_date(last)
    )


def week_words(monday: date, first: date, last: date) -> str:
    """Write a week, or what of it lies within the stretch."""
    begins, ends = max(first, monday), min(last, monday + timedelta(days=6))
    return brief_date(begins) if begins == ends else stretch_words(begins, ends)
