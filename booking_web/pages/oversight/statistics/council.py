# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the relay is worth, on one sheet for the town council."""

from collections.abc import Hashable, Sequence

from flask import Response, abort, render_template
from flask_babel import gettext

from booking_web.domain.statistics.asking import By
from booking_web.domain.statistics.counting import SERVICE_SECONDS
from booking_web.domain.statistics.masking import FEWEST
from booking_web.domain.statistics.showing import BOOKED, MEASURED, ShownLine
from booking_web.domain.statistics.subjects import Subject
from booking_web.domain.statistics.travel import (
    GRAMS_CO2E_PER_KILOMETRE,
    KILOMETRES_PER_HOUR,
)
from booking_web.pages.oversight.statistics.answered import Answered, answered
from booking_web.pages.oversight.statistics.charts import Bar, bars
from booking_web.pages.oversight.statistics.gate import blueprint
from booking_web.tables.statistics import Result
from booking_web.telling.slips.paper import fits_one_page, pages_of, pdf_of
from booking_web.words.statistics import (
    count_words,
    length_words,
    number_words,
    percent_words,
    stretch_words,
)

# The organisations with the most appointments; more of them make no better page.
MOST_LINES = 14
# Large type first; long names make all of it smaller, so that it stays one sheet.
SCALES = (1.0, 0.9, 0.8, 0.7)


@blueprint.get("/conseil.pdf")
def council() -> Response:
    """Give the sheet of what the address asks for, a line for each organisation."""
    found = answered(By.ORGANISATION)
    if found.page.fault:
        abort(422)
    response = Response(_sheet(found), mimetype="application/pdf")
    response.headers["Content-Disposition"] = 'inline; filename="conseil.pdf"'
    return response


def _sheet(found: Answered) -> bytes:
    page, total = found.page, found.shown.total
    drawn, left_out = _drawn(found)
    for scale in SCALES:
        document = pages_of(
            render_template(
                "oversight/statistics/council.html",
                scale=scale,
                place=_place(found),
                reason=page.reason.name if page.reason else "",
                stretch=stretch_words(page.asked.first, page.asked.last),
                total=total,
                booked=count_words(total.counts[BOOKED]),
                results={
                    str(each): count_words(total.counts[str(each)]) for each in Result
                },
                waited=length_words(total.waited.median),
                spoken=length_words(total.spoken.median),
                service=percent_words(total.service_percent),
                useful=percent_words(total.useful_percent),
                knows_times=None not in (total.waited.median, total.spoken.median),
                knows_service=total.service_percent is not None,
                knows_usefulness=total.useful_percent is not None,
                printed=count_words(total.counts["pages_printed"]),
                scanned=count_words(total.counts["pages_scanned"]),
                knows_distances=total.counts[MEASURED] != 0
                and total.kilometres is not None,
                journeys=count_words(total.counts[MEASURED]),
                kilometres=number_words(total.kilometres),
                hours=number_words(total.hours),
                co2=number_words(total.kilograms_co2e),
                bars=drawn,
                left_out=left_out,
                is_masked=found.is_masked,
                few=FEWEST,
                service_seconds=SERVICE_SECONDS,
                grams=GRAMS_CO2E_PER_KILOMETRE,
                speed=KILOMETRES_PER_HOUR,
                refreshed=found.refreshed_words,
            )
        )
        if fits_one_page(document):
            break
    return pdf_of(document)


def _place(found: Answered) -> str:
    page = found.page
    places = [
        page.relay or _only(page.subjects.relays),
        page.organisation or _only(page.subjects.organisations),
    ]
    names = [each.name for each in places if each]
    return ", ".join(names) or gettext("Tous les relais")


def _only(subjects: Sequence[Subject]) -> Subject | None:
    return subjects[0] if len(subjects) == 1 else None


def _drawn(found: Answered) -> tuple[Sequence[Bar], int]:
    """Draw the organisations with the most appointments; tell how many are left out."""

    def booked(row: tuple[Hashable, ShownLine]) -> int:
        return row[1].counts[BOOKED] or 0

    lines = sorted(
        found.shown.lines, key=lambda row: (-booked(row), found.names(row[0]))
    )
    honoured = str(Result.HONOURED)
    drawn = bars(
        lines[:MOST_LINES],
        lambda row: found.names(row[0]),
        lambda row: row[1].counts[BOOKED],
        lambda row: gettext(
            "%(honoured)s sur %(booked)s",
            honoured=count_words(row[1].counts[honoured]),
            booked=count_words(row[1].counts[BOOKED]),
        ),
        lambda row: row[1].counts[honoured],
    )
    return drawn, max(0, len(lines) - MOST_LINES)
