# SPDX-License-Identifier: AGPL-3.0-or-later
"""The same figures for a spreadsheet, all columns in one table."""

from flask import Response, abort
from flask_babel import gettext

from booking_web.pages.oversight.statistics.answered import answered
from booking_web.pages.oversight.statistics.columns import ALL_COLUMNS
from booking_web.pages.oversight.statistics.gate import blueprint
from booking_web.telling.calendars.spreadsheet import spreadsheet
from booking_web.words.statistics import BY


@blueprint.get("/tableau.csv")
def sheet() -> Response:
    """Give the table; times in seconds, decimals after a comma."""
    found = answered()
    if found.page.fault:
        abort(422)
    lines = [(found.names(key), line) for key, line in found.shown.lines]
    lines.append((gettext("Ensemble"), found.shown.total))
    titles = [str(BY[found.page.by]), *(each.plain_title for each in ALL_COLUMNS)]
    table = [
        (name, *(column.plain(line) for column in ALL_COLUMNS)) for name, line in lines
    ]
    asked = found.page.asked
    name = f"statistiques-{asked.first.isoformat()}-{asked.last.isoformat()}.csv"
    response = Response(spreadsheet(titles, table), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
