# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pages of a town hall's residents: list, search, edit, merge.

Names travel in the body of a request, never in its address: addresses are logged.
"""

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from flask import (
    Blueprint,
    abort,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.base.local_time import local_day
from booking_web.base.resident_text import normalised
from booking_web.base.transactions import in_transaction
from booking_web.domain.residents.postal import address_in
from booking_web.domain.residents.register import (
    CannotMerge,
    count_appointments,
    edit_resident,
    find_residents,
    merge_residents,
)
from booking_web.domain.residents.telephones import telephone_of
from booking_web.domain.residents.who_is import who_is
from booking_web.domain.rights.person import Right, refuse_restricted
from booking_web.pages.secretary.booking.suggestions import suggestions_for
from booking_web.shell.forms.day_and_hour import parsed_day
from booking_web.shell.forms.resident_form import ResidentForm
from booking_web.shell.services import services
from booking_web.shell.signed_in import gate, signed_in
from booking_web.tables.appointment import Appointment, Resident
from provisioning.database.models import Relay

blueprint = Blueprint("residents", __name__, url_prefix="/bureau/usagers")
blueprint.before_request(gate(Right.DESK, parts=("residents.suggest",)))

_LATEST = 10


@blueprint.route("", methods=["GET", "POST"])
def show_all() -> str:
    """List the relay's residents, those who were here last first, or those searched."""
    typed = normalised(request.form.get("cherche", ""))[:120]
    with services().database.read() as session:
        relays = signed_in(Right.DESK).relays(session)
        relay = _relay_shown(relays)
        found = find_residents(session, relay.id, typed) if relay else []
        counts = count_appointments(session, found)
        hidden = relay is not None and bool(who_is(session, relay.id, typed).restricted)
    return render_template(
        "secretary/residents/list.html",
        title=gettext("Usagers"),
        relay=relay,
        relays=relays,
        residents=found,
        counts=counts,
        hidden=hidden,
        typed=typed,
    )


@blueprint.post("/chercher")
def suggest() -> str:
    """List whom the typed name may mean, as options below the name's field."""
    with services().database.read() as session:
        relays = {each.slug: each for each in signed_in(Right.DESK).relays(session)}
        relay = relays.get(request.form.get("relay", ""))
        typed = normalised(request.form.get("resident_name", ""))[:120]
        now = services().now()
        suggested = suggestions_for(session, relay, typed, now) if relay else None
    return render_template(
        "secretary/residents/_options.html", suggested=suggested, typed=typed
    )


@blueprint.get("/<int:resident_id>")
def show(resident_id: int) -> str:
    """Show one resident with their appointments and who may be the same person."""
    with services().database.read() as session:
        resident = signed_in(Right.DESK).resident(session, resident_id)
        return _page(session, resident, ResidentForm.filled(resident))


@blueprint.post("/<int:resident_id>")
def edit(resident_id: int) -> Response | tuple[str, int]:
    """Keep what was changed."""
    form = ResidentForm()
    acting, now = signed_in(Right.DESK), services().now()
    if not form.validate():
        with services().database.read() as session:
            return _page(session, acting.resident(session, resident_id), form), 422

    def work(session: Session) -> None:
        edit_resident(
            session,
            acting.resident(session, resident_id),
            acting.actor,
            now,
            name=form.resident_name.data,
            telephone=telephone_of(form.telephone.data or ""),
            email=form.email.data or "",
            address=form.address,
            birth_date=parsed_day(form.birth_date.data),
        )

    in_transaction(services().database, work)
    flash(gettext("Modifications enregistrées."), "success")
    return redirect(url_for("residents.show", resident_id=resident_id), 303)


@blueprint.post("/<int:resident_id>/doubles")
def find_double(resident_id: int) -> str:
    """Look for the other entry of the same person by name."""
    typed = normalised(request.form.get("cherche", ""))[:120]
    with services().database.read() as session:
        resident = signed_in(Right.DESK).resident(session, resident_id)
        form = ResidentForm.filled(resident)
        found = find_residents(session, resident.relay_id, typed) if typed else []
        return _page(session, resident, form, typed, found)


@blueprint.get("/<int:resident_id>/fusionner/<int:other_id>")
def ask_to_merge(resident_id: int, other_id: int) -> str:
    """Ask once before two become one."""
    with services().database.read() as session:
        kept, double = _pair(session, resident_id, other_id)
        counts = count_appointments(session, [kept, double])
    return render_template(
        "secretary/residents/merge.html",
        title=gettext("Est-ce la même personne ?"),
        kept=kept,
        double=double,
        counts=counts,
        addresses={each.id: address_in(each).one_line for each in (kept, double)},
    )


@blueprint.post("/<int:resident_id>/fusionner/<int:other_id>")
def merge(resident_id: int, other_id: int) -> Response:
    """Make the two one; the first keeps their name."""
    acting, now = signed_in(Right.DESK), services().now()

    def work(session: Session) -> bool:
        kept, double = _pair(session, resident_id, other_id)
        try:
            merge_residents(session, double, kept, acting.actor, now)
        except CannotMerge:
            return False
        return True

    if in_transaction(services().database, work):
        flash(gettext("Les deux fiches n'en font plus qu'une."), "success")
    else:
        flash(gettext("Ces fiches n'en font déjà qu'une. Rien n'a changé."), "warning")
    return redirect(url_for("residents.show", resident_id=resident_id), 303)


def _page(
    session: Session,
    resident: Resident,
    form: ResidentForm,
    typed: str = "",
    found: Sequence[Resident] = (),
) -> str:
    known = who_is(session, resident.relay_id, resident.name)
    others = [*found, *known.same, *known.near]
    doubles = {each.id: each for each in others if each.id != resident.id}
    appointments = session.scalars(
        select(Appointment)
        .where(Appointment.resident_id == resident.id)
        .order_by(Appointment.starts_at.desc())
        .limit(_LATEST)
    ).all()
    zone = ZoneInfo(resident.relay.time_zone)
    return render_template(
        "secretary/residents/resident.html",
        title=resident.name,
        resident=resident,
        form=form,
        doubles=list(doubles.values()),
        typed=typed,
        appointments=[(each, _day(each, zone), zone) for each in appointments],
    )


def _day(appointment: Appointment, zone: ZoneInfo) -> date:
    return local_day(appointment.starts_at, zone)


def _relay_shown(relays: list[Relay]) -> Relay | None:
    slug = request.values.get("relais", "")
    if not slug:
        return relays[0] if relays else None
    relay = next((each for each in relays if each.slug == slug), None)
    if relay is None:
        abort(404)
    return relay


def _pair(
    session: Session, resident_id: int, other_id: int
) -> tuple[Resident, Resident]:
    acting = signed_in(Right.DESK)
    kept = acting.resident(session, resident_id)
    double = session.get(Resident, other_id)
    if double is None or not acting.keeps(double) or double.id == kept.id:
        abort(404)
    refuse_restricted(session, double.id)
    return kept, double
