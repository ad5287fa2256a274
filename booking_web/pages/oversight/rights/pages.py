# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where the officer finds the resident who asks, and sees what can be done for them."""

from flask import render_template, request
from flask_babel import gettext
from sqlalchemy.orm import Session

from booking_web.base.resident_text import normalised
from booking_web.base.transactions import in_transaction
from booking_web.domain.journal.entries import write_down
from booking_web.domain.residents.register import find_residents
from booking_web.domain.residents.restricting import restriction_of
from booking_web.domain.residents.tying import tied_appointments
from booking_web.domain.rights.person import Right
from booking_web.pages.oversight.rights.blueprint import asked_for, blueprint
from booking_web.pages.oversight.rights.loose import loose_row
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.journal_acts import Act
from booking_web.words.dates import short_date
from booking_web.words.restrictions import GROUNDS


@blueprint.route("/usagers", methods=["GET", "POST"])
def find() -> str:
    """Find a resident of any relay by name; the name is in no address."""
    typed = normalised(request.form.get("cherche", ""))[:120]
    with services().database.read() as session:
        found = find_residents(session, None, typed) if typed else []
        relays = {each.id: each.relay.name for each in found}
        hidden = {each.id for each in found if restriction_of(session, each.id)}
    if typed:
        _note_search()
    return render_template(
        "oversight/rights/find.html",
        title=gettext("Droits des usagers"),
        typed=typed,
        residents=found,
        relays=relays,
        hidden=hidden,
        short_date=short_date,
    )


@blueprint.get("/usagers/<int:resident_id>")
def show(resident_id: int) -> str:
    """Show who it is, and which rights can be answered here."""
    with services().database.read() as session:
        resident = asked_for(session, resident_id)
        return render_template(
            "oversight/rights/resident.html",
            title=resident.name,
            resident=resident,
            relay=resident.relay.name,
            restriction=restriction_of(session, resident.id),
            grounds=GROUNDS,
            tied=[loose_row(each) for each in tied_appointments(session, resident.id)],
            short_date=short_date,
        )


def _note_search() -> None:
    actor, now = signed_in(Right.RESIDENTS_RIGHTS).actor, services().now()

    def work(session: Session) -> None:
        act = Act.JOURNAL_SEARCHED
        write_down(session, act, actor=actor, at=now, detail="by name")

    in_transaction(services().database, work)
