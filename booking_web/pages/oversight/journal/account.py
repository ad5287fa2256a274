# SPDX-License-Identifier: AGPL-3.0-or-later
"""The paper "Qui a vu mon dossier", which the officer hands to a resident who asks."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Response, abort, render_template
from flask_babel import force_locale, gettext
from sqlalchemy.orm import Session

from booking_web.base.languages import FRENCH
from booking_web.base.local_time import local_day
from booking_web.base.transactions import in_transaction
from booking_web.domain.journal.accounts import account_of
from booking_web.domain.journal.chaining import head_of
from booking_web.domain.journal.entries import write_down
from booking_web.domain.journal.searching import names_of_actors
from booking_web.domain.rights.person import Right
from booking_web.pages.oversight.journal.blueprint import blueprint
from booking_web.shell.paper_maker import paper_maker, paper_trouble
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.appointment import Resident
from booking_web.tables.journal_acts import Act
from booking_web.telling.papers.paper_maker import PaperError
from booking_web.words.dates import clock, short_date
from booking_web.words.journal import act_words, office_words
from provisioning.directory.usual_time_zone import usual_time_zone

# In points; so large that most read it, and the list stays short enough to be read.
SIZES = (13.0,)
SHEETS = 400


@blueprint.get("/usagers/<int:resident_id>/qui-a-vu.pdf")
def show_account(resident_id: int) -> Response | tuple[str, int]:
    """Give the paper; that it was made is a line of the journal."""
    actor, now = signed_in(Right.JOURNAL).actor, services().now()

    def work(session: Session) -> str:
        resident = session.get(Resident, resident_id)
        if resident is None:
            abort(404)
        # Before it is written down that this was asked: the paper tells of before.
        page = _written(session, resident, now)
        act = Act.FILE_ACCOUNTED_FOR
        write_down(session, act, actor=actor, at=now, resident_id=resident_id)
        return page

    page = in_transaction(services().database, work)
    try:
        paper = paper_maker().make(page, SIZES, sheets=SHEETS)
    except PaperError as error:
        return (
            render_template(
                "shell/error.html",
                title=gettext("Le papier n'a pas été fait"),
                then=paper_trouble(error),
                status=503,
            ),
            503,
        )
    response = Response(paper.pdf, mimetype="application/pdf")
    # Without a name: the file may stay on a shared computer.
    disposition = 'inline; filename="qui-a-vu-mon-dossier.pdf"'
    response.headers["Content-Disposition"] = disposition
    return response


def _written(session: Session, resident: Resident, now: datetime) -> str:
    zone = ZoneInfo(resident.relay.time_zone or usual_time_zone(session))
    account = account_of(session, resident.id, zone, now)
    actors = [each.actor for each in account.told] + account.seen_in_lists
    users = names_of_actors(session, actors)
    with force_locale(FRENCH):
        rows = [
            (
                short_date(each.day),
                clock(each.first_at, zone),
                office_words(each.actor, users),
                act_words(each.act),
                each.times,
            )
            for each in account.told
        ]
        listed = {office_words(each, users) for each in account.seen_in_lists}
        return render_template(
            "papers/file_account.html",
            name=resident.name,
            relay=resident.relay.name,
            day=short_date(local_day(now, zone)),
            rows=rows,
            lists=sorted(listed),
            is_cut=account.is_cut,
            head=head_of(session),
        )
