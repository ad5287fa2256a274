# SPDX-License-Identifier: AGPL-3.0-or-later
"""How long what is kept, what has had its term, and when it was last taken away."""

from zoneinfo import ZoneInfo

from flask import render_template
from flask_babel import gettext

from booking_web.base.local_time import local_day
from booking_web.domain.residents.restricting import count_restricted
from booking_web.domain.retention.due import due
from booking_web.domain.retention.periods import periods
from booking_web.domain.retention.purges import last_purge
from booking_web.domain.retention.terms import Terms
from booking_web.pages.oversight.rights.blueprint import blueprint
from booking_web.shell.services import services
from booking_web.words.dates import clock, short_date
from booking_web.words.notices import HELD, for_how_long
from booking_web.words.retention import counts_words
from provisioning.directory.usual_time_zone import usual_time_zone


@blueprint.get("/durees")
def show_terms() -> str:
    """Show the terms; nobody is named."""
    terms, now = Terms.of(services().settings), services().now()
    lasts = {each.held: each.lasts for each in periods(terms)}
    with services().database.read() as session:
        zone = ZoneInfo(usual_time_zone(session))
        rows = [
            (
                HELD[each.held],
                for_how_long(lasts[each.held]),
                str(each.count),
                short_date(local_day(each.oldest, zone)) if each.oldest else "–",
            )
            for each in due(session, terms, now)
        ]
        held_back = count_restricted(session)
        last = last_purge(session)
        told = counts_words(last.counts) if last is not None else []
        at = last.at if last is not None else None
    moment = f"{short_date(local_day(at, zone))}, {clock(at, zone)}" if at else ""
    return render_template(
        "oversight/rights/terms.html",
        title=gettext("Durées de conservation"),
        rows=rows,
        held_back=held_back,
        last=moment,
        took=told,
    )
