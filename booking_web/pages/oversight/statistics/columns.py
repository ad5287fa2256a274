# SPDX-License-Identifier: AGPL-3.0-or-later
"""The columns of the tables of figures: what each is called, and what it tells of a line."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask_babel import LazyString, lazy_gettext

from booking_web.domain.statistics.counting import SERVICE_SECONDS
from booking_web.domain.statistics.showing import BOOKED, MEASURED, ShownLine
from booking_web.tables.statistics import Result
from booking_web.words.statistics import (
    RESULTS,
    count_words,
    few_words,
    length_words,
    number_words,
    percent_words,
)


@dataclass(frozen=True)
class Column:
    """One of them: in words for people, and as a number that a spreadsheet calculates with."""

    title: LazyString
    words: Callable[[ShownLine], str]
    plain: Callable[[ShownLine], str]
    # What the plain number is of, where the words say it themselves.
    unit: str | LazyString = ""

    @property
    def plain_title(self) -> str:
        """Give the head of the column in a spreadsheet."""
        return f"{self.title} ({self.unit})" if self.unit else str(self.title)


def _count(title: LazyString, name: str) -> Column:
    def plain(line: ShownLine) -> str:
        count = line.counts[name]
        return few_words() if count is None else str(count)

    return Column(title, lambda line: count_words(line.counts[name]), plain)


def _length(title: LazyString, seconds: Callable[[ShownLine], int | None]) -> Column:
    def plain(line: ShownLine) -> str:
        found = seconds(line)
        return "" if found is None else str(found)

    return Column(
        title,
        lambda line: length_words(seconds(line)),
        plain,
        lazy_gettext("secondes"),
    )


def _percent(title: LazyString, percent: Callable[[ShownLine], float | None]) -> Column:
    return Column(
        title,
        lambda line: percent_words(percent(line)),
        lambda line: _with_comma(percent(line)),
        "%",
    )


def _saved(title: LazyString, amount: Callable[[ShownLine], float | None]) -> Column:
    def known(line: ShownLine) -> float | None:
        # None of the ways is known, or too few are to be told of.
        return None if line.counts[MEASURED] == 0 else amount(line)

    return Column(
        title,
        lambda line: number_words(known(line)),
        lambda line: _with_comma(known(line)),
    )


def _with_comma(number: float | None) -> str:
    return "" if number is None else f"{number:.1f}".replace(".", ",")


APPOINTMENTS: Sequence[Column] = (
    _count(lazy_gettext("Pris"), BOOKED),
    *(_count(RESULTS[each], str(each)) for each in Result),
)
TIMES: Sequence[Column] = (
    _length(lazy_gettext("Attente médiane"), lambda line: line.waited.median),
    _length(lazy_gettext("Attente, 95 sur 100"), lambda line: line.waited.long),
    _length(lazy_gettext("Entretien médian"), lambda line: line.spoken.median),
    _length(lazy_gettext("Entretien, 95 sur 100"), lambda line: line.spoken.long),
    _percent(
        lazy_gettext("Décroché en %(seconds)d s", seconds=SERVICE_SECONDS),
        lambda line: line.service_percent,
    ),
)
KILOMETRES = _saved(lazy_gettext("Kilomètres évités"), lambda line: line.kilometres)
USES: Sequence[Column] = (
    _count(lazy_gettext("Pages imprimées"), "pages_printed"),
    _count(lazy_gettext("Pages numérisées"), "pages_scanned"),
    _percent(lazy_gettext("Jugé utile"), lambda line: line.useful_percent),
    _count(lazy_gettext("Démarche réglée"), "resolved"),
    _count(lazy_gettext("Trajets évités"), MEASURED),
    KILOMETRES,
    _saved(lazy_gettext("Heures de route évitées"), lambda line: line.hours),
    _saved(lazy_gettext("kg de CO2 évités"), lambda line: line.kilograms_co2e),
)
ALL_COLUMNS: Sequence[Column] = (*APPOINTMENTS, *TIMES, *USES)
