# SPDX-License-Identifier: AGPL-3.0-or-later
"""The officer's search in the journal, and the same lines as a spreadsheet.

That the officer looked, and what for, is a line of the journal too.
"""

from typing import Any

from flask import Response, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from booking_web.base.resident_text import normalised
from booking_web.base.transactions import in_transaction
from booking_web.domain.fleet.alerts.raising import raised_alerts
from booking_web.domain.journal.chaining import Head, head_of, waiting_since
from booking_web.domain.journal.entries import write_down
from booking_web.domain.journal.kinds import ActKind
from booking_web.domain.journal.searching import search
from booking_web.domain.journal.verifying import LINKED_WITHIN
from booking_web.domain.residents.register import find_residents
from booking_web.domain.rights.person import Right
from booking_web.pages.oversight.journal.asked import Question, before_line, question
from booking_web.pages.oversight.journal.blueprint import blueprint
from booking_web.pages.oversight.journal.rows import cells, rows_of, titles
from booking_web.pages.rows.alert_lines import alert_lines
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.alerts import AlertKind
from booking_web.tables.journal_acts import Act
from booking_web.telling.calendars.spreadsheet import spreadsheet
from booking_web.words.dates import short_date
from booking_web.words.journal import KINDS
from booking_web.words.statistics import number_words

LINES_A_PAGE = 50
# More than this is no list that anybody reads; the page says how to ask for less.
LINES_A_FILE = 20_000


@blueprint.get("")
def show() -> str:
    """Show the latest lines that are meant, and what can be looked for."""
    before = before_line()
    with services().database.read() as session:
        asked = question(session)
        found = search(session, asked.asked, before=before, limit=LINES_A_PAGE + 1)
        rows = rows_of(session, found[:LINES_A_PAGE], asked.zone)
        head, late = _chain(session)
        broken = alert_lines(
            session,
            [
                each
                for each in raised_alerts(session)
                if each.kind == AlertKind.JOURNAL_BROKEN
            ],
        )
    _note(Act.JOURNAL_SEARCHED, asked)
    has_more = len(found) > LINES_A_PAGE
    return render_template(
        "oversight/journal/journal.html",
        title=gettext("Journal"),
        question=asked,
        people=[(each.id, each.name) for each in asked.people],
        relays=[(each.id, each.name) for each in asked.relays],
        organisations=[(each.id, each.name) for each in asked.organisations],
        kinds=[(str(kind), KINDS[kind]) for kind in ActKind],
        rows=rows,
        titles=titles(),
        head=head,
        late=late,
        broken=broken,
        older=_address(asked, avant=str(rows[-1].id)) if has_more and rows else "",
        latest=_address(asked) if before is not None else "",
        csv=url_for("journal.export", **_values(asked)),
        most=number_words(LINES_A_FILE),
    )


@blueprint.get("/journal.csv")
def export() -> Response:
    """Give the lines that are meant, for a spreadsheet."""
    with services().database.read() as session:
        asked = question(session)
        found = search(session, asked.asked, limit=LINES_A_FILE)
        rows = rows_of(session, found, asked.zone)
    _note(Act.JOURNAL_EXPORTED, asked)
    content = spreadsheet(titles(), map(cells, rows))
    response = Response(content, mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="journal.csv"'
    return response


@blueprint.route("/usagers", methods=["GET", "POST"])
def find_resident() -> str:
    """Find a resident of any relay by name; the name is in no address."""
    typed = normalised(request.form.get("cherche", ""))[:120]
    with services().database.read() as session:
        found = find_residents(session, None, typed) if typed else []
        relays = {each.id: each.relay.name for each in found}
    if typed:
        _note(Act.JOURNAL_SEARCHED, None)
    return render_template(
        "oversight/journal/residents.html",
        title=gettext("Chercher un usager"),
        typed=typed,
        residents=found,
        relays=relays,
        short_date=short_date,
    )


def _chain(session: Session) -> tuple[Head, bool]:
    """Give where the chain stands, and whether lines wait too long to be linked."""
    since = waiting_since(session)
    now = services().now()
    return head_of(session), since is not None and now - since > LINKED_WITHIN


def _address(asked: Question, **more: str) -> str:
    return url_for("journal.show", **_values(asked) | more)


def _values(asked: Question) -> dict[str, Any]:
    return dict(asked.sent)


def _note(act: Act, asked: Question | None) -> None:
    actor, now = signed_in(Right.JOURNAL).actor, services().now()
    resident = asked.resident if asked is not None else None
    detail = asked.told if asked is not None else "by name"

    def work(session: Session) -> None:
        write_down(
            session,
            act,
            actor=actor,
            at=now,
            detail=detail[:200],
            resident_id=resident.id if resident is not None else None,
        )

    in_transaction(services().database, work)
