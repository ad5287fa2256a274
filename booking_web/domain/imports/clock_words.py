# SPDX-License-Identifier: AGPL-3.0-or-later
"""Dates and hours as French spreadsheets and people write them; pure."""

import re
from datetime import date, time

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_NUMBERS = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4}|\d{2})")
_WORDS = re.compile(r"(?:[a-zé]+\.? )?(\d{1,2})(?:er)? ([a-zéûôà]+)\.? (\d{4})")
_HOUR = re.compile(r"(\d{1,2}) ?(?:h|:|heures?) ?(?:(\d{2})(?: ?(?:min|mn))?(?::00)?)?")
_MONTHS = (
    "janvier février mars avril mai juin juillet août septembre octobre novembre "
    "décembre"
).split()
_SHORT_MONTHS = "janv févr mars avr mai juin juil août sept oct nov déc".split()


def read_day(text: str) -> date | None:
    """Read 24/11/2026, 24.11.26, 2026-11-24 or "mardi 24 novembre 2026"."""
    words = " ".join(text.lower().split())
    if found := _ISO.fullmatch(words):
        year, month, day = map(int, found.groups())
    elif found := _NUMBERS.fullmatch(words):
        day, month, year = map(int, found.groups())
        year += 2000 if year < 100 else 0
    elif found := _WORDS.fullmatch(words):
        day, year = int(found[1]), int(found[3])
        month = _month(found[2])
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def read_hour(text: str) -> time | None:
    """Read 9h, 9 h 05, 09:05 or 09:05:00."""
    found = _HOUR.fullmatch(" ".join(text.lower().split()))
    if found is None or (":" in text and found[2] is None):
        return None
    try:
        return time(int(found[1]), int(found[2] or 0))
    except ValueError:
        return None


def _month(word: str) -> int:
    for names in (_MONTHS, _SHORT_MONTHS):
        if word in names:
            return names.index(word) + 1
    return 0
