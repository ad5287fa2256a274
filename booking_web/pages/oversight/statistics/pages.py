# SPDX-License-Identifier: AGPL-3.0-or-later
"""The page of statistics: what happened, in tables with a drawing above each."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from flask import render_template
from flask_babel import LazyString, gettext, lazy_gettext

from booking_web.domain.statistics.asking import By
from booking_web.domain.statistics.counting import SERVICE_SECONDS
from booking_web.domain.statistics.masking import FEWEST
from booking_web.domain.statistics.showing import BOOKED, MEASURED, ShownLine
from booking_web.domain.statistics.travel import (
    GRAMS_CO2E_PER_KILOMETRE,
    KILOMETRES_PER_HOUR,
)
from booking_web.pages.oversight.statistics.answered import Answered, answered
from booking_web.pages.oversight.statistics.charts import Bar, bars
from booking_web.pages.oversight.statistics.columns import (
    APPOINTMENTS,
    KILOMETRES,
    TIMES,
    USES,
    Column,
)
from booking_web.pages.oversight.statistics.gate import blueprint
from booking_web.tables.statistics import Result
from booking_web.words.statistics import (
    BY,
    count_words,
    length_words,
    number_words,
    percent_words,
    stretch_words,
)

INVALID = 422
Row = tuple[Hashable, ShownLine]


@dataclass(frozen=True)
class Section:
    """A table, and the drawing above it."""

    name: str
    title: LazyString
    columns: Sequence[Column]
    bars: Sequence[Bar]
    # What a bar is, and what its filled part is where that is another thing.
    whole: LazyString
    filled: LazyString | None = None


@blueprint.get("")
def show() -> str | tuple[str, int]:
    """Show the figures of what the address asks for."""
    found = answered()
    page = render_template(
        "oversight/statistics/figures.html",
        found=found,
        asked=found.page,
        total=found.shown.total,
        tiles=_tiles(found.shown.total),
        sections=_sections(found),
        by_words=[
            (word, BY[by], by is found.page.by) for word, by in found.page.by_words
        ],
        by=BY[found.page.by],
        is_by_week=found.page.by is By.WEEK,
        is_empty=found.refreshed_words is None
        or (not found.is_masked and not found.shown.total.counts[BOOKED]),
        knows_distances=found.shown.total.counts[MEASURED] != 0,
        stretch=stretch_words(found.page.asked.first, found.page.asked.last),
        stretch_words=stretch_words,
        few=FEWEST,
        service_seconds=SERVICE_SECONDS,
        grams=GRAMS_CO2E_PER_KILOMETRE,
        speed=KILOMETRES_PER_HOUR,
        title=gettext("Statistiques"),
    )
    return (page, INVALID) if found.page.fault else page


def _tiles(total: ShownLine) -> Sequence[tuple[str, str]]:
    kilometres = total.kilometres if total.counts[MEASURED] != 0 else None
    return [
        (gettext("Rendez-vous pris"), count_words(total.counts[BOOKED])),
        (gettext("Honorés"), count_words(total.counts[str(Result.HONOURED)])),
        (gettext("Attente médiane"), length_words(total.waited.median)),
        (
            gettext("Décroché en %(seconds)d s", seconds=SERVICE_SECONDS),
            percent_words(total.service_percent),
        ),
        (gettext("Jugé utile"), percent_words(total.useful_percent)),
        (gettext("Kilomètres évités"), number_words(kilometres)),
    ]


def _sections(found: Answered) -> Sequence[Section]:
    lines = found.shown.lines

    def name(row: Row) -> str:
        return found.names(row[0])

    return [
        Section(
            "rendez-vous",
            lazy_gettext("Rendez-vous"),
            APPOINTMENTS,
            bars(
                lines,
                name,
                lambda row: row[1].counts[BOOKED],
                lambda row: (
                    f"{count_words(row[1].counts[str(Result.HONOURED)])}"
                    f" / {count_words(row[1].counts[BOOKED])}"
                ),
                lambda row: row[1].counts[str(Result.HONOURED)],
            ),
            lazy_gettext("pris"),
            lazy_gettext("honorés"),
        ),
        Section(
            "durees",
            lazy_gettext("Attente et entretiens"),
            TIMES,
            bars(
                lines,
                name,
                lambda row: row[1].waited.median,
                lambda row: length_words(row[1].waited.median),
            ),
            lazy_gettext("attente médiane"),
        ),
        Section(
            "utilite",
            lazy_gettext("Papiers, utilité, trajets évités"),
            USES,
            bars(
                lines,
                name,
                lambda row: row[1].kilometres,
                lambda row: KILOMETRES.words(row[1]),
            ),
            lazy_gettext("kilomètres évités"),
        ),
    ]
