# SPDX-License-Identifier: AGPL-3.0-or-later
"""Experiences and trainings in the order that employers read them: the latest first; pure.

Their dates are what somebody said ("mars 2019", "03/2019", "depuis 2021"), read with patience.
What has no readable date stays behind the one before which it was told.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from booking_web.domain.cv.content import CvContent, Entry, Section
from booking_web.domain.residents.names import words_of

# A year and a month; of a year alone the month is 0.
_Moment = tuple[int, int]

_STILL_GOING_ON: _Moment = (9999, 0)
_GOING_ON = frozenset(
    "aujourd actuel actuelle actuellement present jour cours maintenant depuis".split()
)
_MONTHS = (
    *("janv", "fevr", "mars", "avri", "mai", "juin", "juil", "aout"),
    *("sept", "octo", "nove", "dece"),
)
# What is written of them in fewer letters.
_SHORT_MONTHS = {
    "jan": 1,
    "fev": 2,
    "mar": 3,
    "avr": 4,
    "oct": 10,
    "nov": 11,
    "dec": 12,
}
_YEAR = re.compile(r"(?:19|20)\d\d")
_LAST_MONTH = 12


def is_dated(entry: Entry) -> bool:
    """Tell whether its dates say where it stands."""
    return _when(entry) is not None


def on_paper(content: CvContent) -> CvContent:
    """Give the CV without empty entries, experiences and trainings in the order of the page."""
    content = content.keeping(lambda entry: not entry.is_empty)
    sorted_ones = {
        section: tuple(_latest_first(content.of(section)))
        for section in (Section.EXPERIENCE, Section.TRAINING)
        if content.of(section)
    }
    return replace(content, entries={**content.entries, **sorted_ones})


def _latest_first(entries: tuple[Entry, ...]) -> Iterator[Entry]:
    # Each dated entry takes along those without a date that follow it.
    groups: list[tuple[tuple[_Moment, _Moment], list[Entry]]] = []
    for each in entries:
        when = _when(each)
        if when is None and groups:
            groups[-1][1].append(each)
        else:
            first = (_STILL_GOING_ON, _STILL_GOING_ON)
            groups.append((when or first, [each]))
    for _, group in sorted(groups, key=lambda group: group[0], reverse=True):
        yield from group


def _when(entry: Entry) -> tuple[_Moment, _Moment] | None:
    """Give when it ended and when it began; None where neither can be read."""
    if (year := _moment(entry["year"])) is not None:
        return year, year
    began, ended = _moment(entry["start"]), _moment(entry["end"])
    if _goes_on(entry["end"]) or (ended is None and _goes_on(entry["start"])):
        ended = _STILL_GOING_ON
    if ended is None and began is None:
        return None
    return ended or began or _STILL_GOING_ON, began or ended or _STILL_GOING_ON


def _goes_on(told: str) -> bool:
    return not _GOING_ON.isdisjoint(words_of(told))


def _moment(told: str) -> _Moment | None:
    """Read the last year that is told, and its month where one is."""
    words = words_of(told)
    years = [at for at, word in enumerate(words) if _YEAR.fullmatch(word)]
    if not years:
        return None
    year = int(words[years[-1]])
    around = words[: years[-1]][::-1] + words[years[-1] + 1 :]
    months = (month for word in around if (month := _month(word)))
    return year, next(months, 0)


def _month(word: str) -> int:
    if word.isascii() and word.isdigit():
        number = int(word[:3])
        return number if 1 <= number <= _LAST_MONTH and len(word) < 3 else 0
    for number, beginning in enumerate(_MONTHS, start=1):
        if word.startswith(beginning):
            return number
    return _SHORT_MONTHS.get(word, 0)
