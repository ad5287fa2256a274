# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where the officer finds appointments booked with a name alone, and says whose they are.

Nothing is ticked beforehand: two people may have one name.
"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.base.resident_text import normalised
from booking_web.base.row_numbers import whole_or_none
from booking_web.base.transactions import in_transaction
from booking_web.domain.journal.entries import write_down
from booking_web.domain.residents.postal import address_in
from booking_web.domain.residents.register import find_residents
from booking_web.domain.residents.tying import (
    NotLoose,
    Wanted,
    loose_appointments,
    tie,
    tie_to_new,
    untie,
)
from booking_web.domain.rights.person import Right
from booking_web.pages.oversight.rights.blueprint import asked_for, blueprint
from booking_web.pages.oversight.rights.facts import Stretch
from booking_web.shell.forms.day_and_hour import parsed_day
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.appointment import Appointment, Resident
from booking_web.tables.journal_acts import Act

# A name, a telephone number, as far as somebody types them.
_LONGEST = 120
SEARCHED = "appointments without an entry"


@dataclass(frozen=True)
class LooseRow:
    """An appointment as the officer tells it from another person's of the same name."""

    id: int
    name: str
    when: str
    where: str
    # What was written with it: subject, further words, address.
    told: str


@blueprint.route("/sans-fiche", methods=["GET", "POST"])
def find_loose() -> str:
    """Find appointments of no entry, for the resident `usager` or for whom has none."""
    return _page(_wanted())


@blueprint.post("/sans-fiche/rattacher")
def tie_loose() -> Response | tuple[str, int]:
    """Tie those that are ticked to the resident, or to an entry that is opened for them."""
    acting, now = signed_in(Right.RESIDENTS_RIGHTS), services().now()
    numbers = {whole_or_none(each) for each in request.form.getlist("rdv")} - {None}
    chosen = [each for each in numbers if each is not None]
    if not chosen:
        return _page(_wanted(), gettext("Cochez au moins un rendez-vous.")), 422
    if "sure" not in request.form:
        words = gettext("Cochez que vous l'avez vérifié. Rien n'est rattaché.")
        return _page(_wanted(), words), 422

    def work(session: Session) -> int:
        resident = _for_whom(session)
        if resident is None:
            return tie_to_new(session, chosen, acting.user_id, now).id
        tie(session, chosen, resident, acting.actor, now)
        return resident.id

    try:
        resident_id = in_transaction(services().database, work)
    except NotLoose:
        words = gettext(
            "Un de ces rendez-vous a une fiche depuis, ou n'est plus là. Rien n'est "
            "rattaché : cherchez encore."
        )
        return _page(_wanted(), words), 409
    flash(
        ngettext(
            "%(num)d rendez-vous est rattaché à ce dossier.",
            "%(num)d rendez-vous sont rattachés à ce dossier.",
            len(chosen),
        ),
        "success",
    )
    return redirect(url_for("file_rights.show", resident_id=resident_id), 303)


@blueprint.post("/usagers/<int:resident_id>/detacher/<int:number>")
def untie_loose(resident_id: int, number: int) -> Response:
    """Have an appointment that was tied be nobody's again."""
    acting, now = signed_in(Right.RESIDENTS_RIGHTS), services().now()

    def work(session: Session) -> None:
        resident = asked_for(session, resident_id)
        untie(session, resident.id, number, acting.actor, now)

    try:
        in_transaction(services().database, work)
    except NotLoose:
        abort(404)
    flash(gettext("Le rendez-vous n'est plus rattaché à ce dossier."), "success")
    return redirect(url_for("file_rights.show", resident_id=resident_id), 303)


def loose_row(appointment: Appointment, told: str = "") -> LooseRow:
    """Write an appointment in words; `told` is what else was written with it."""
    relay = appointment.kiosk.relay
    when = Stretch(ZoneInfo(relay.time_zone)).moment(appointment.starts_at)
    # Why somebody comes discreetly is for their file alone, and whose that is is asked here.
    subject = appointment.reason_on_boards
    words = (
        gettext("discret") if appointment.discreet else appointment.details_on_boards
    )
    told_parts = (subject.name if subject else "", words, told)
    return LooseRow(
        appointment.id,
        appointment.resident_name,
        when,
        f"{appointment.organisation.name}, {relay.name}",
        ", ".join(each for each in told_parts if each),
    )


def _wanted() -> Wanted:
    return Wanted(
        name=normalised(request.form.get("nom", ""))[:_LONGEST],
        telephone=normalised(request.form.get("telephone", ""))[:_LONGEST],
        day=parsed_day(request.form.get("jour")),
    )


def _for_whom(session: Session) -> Resident | None:
    """Give whose request is answered; None: somebody who has no entry."""
    told = request.values.get("usager", "")
    if not told:
        return None
    number = whole_or_none(told)
    if number is None:
        abort(404)
    return asked_for(session, number)


def _page(wanted: Wanted, refusal: str = "") -> str:
    with services().database.read() as session:
        resident = _for_whom(session)
        if resident is not None and not request.form:
            wanted = Wanted(name=resident.name)
        rows = [
            (
                loose_row(each.appointment, address_in(each.address).one_line)
                if each.address is not None
                else loose_row(each.appointment)
            )
            for each in loose_appointments(session, wanted)
        ]
        known = [] if resident else _known_as(session, wanted.name)
        page = render_template(
            "oversight/rights/loose.html",
            title=gettext("Rendez-vous sans fiche"),
            wanted=wanted,
            day=request.form.get("jour", ""),
            rows=rows,
            ticked=request.form.getlist("rdv"),
            resident=resident,
            relay=resident.relay.name if resident else "",
            known=known,
            refusal=refusal,
        )
    if wanted.is_anything:
        _note_search(services().now())
    return page


def _known_as(session: Session, name: str) -> list[tuple[Resident, str]]:
    found = find_residents(session, None, name) if name else []
    return [(each, each.relay.name) for each in found]


def _note_search(now: datetime) -> None:
    actor, act = signed_in(Right.RESIDENTS_RIGHTS).actor, Act.JOURNAL_SEARCHED

    def work(session: Session) -> None:
        write_down(session, act, actor=actor, at=now, detail=SEARCHED)

    in_transaction(services().database, work)
