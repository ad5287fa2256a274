# SPDX-License-Identifier: AGPL-3.0-or-later
"""The waiting list's page and its buttons."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
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
from sqlalchemy.orm import Session, joinedload
from werkzeug.wrappers import Response

from booking_web.base.local_time import local_day
from booking_web.domain.places.slot_value import slot_value
from booking_web.domain.rights.person import Person, Right, refuse_restricted
from booking_web.domain.rights.restriction import is_unrestricted
from booking_web.domain.waiting import acts
from booking_web.domain.waiting.offers import is_expired, offers_at, waiting_at
from booking_web.pages.secretary.desk.pages import desk_view, doubtful_of, offers_of
from booking_web.shell.carrying_out import carry_out
from booking_web.shell.services import services
from booking_web.shell.signed_in import gate, signed_in
from booking_web.tables.waiting import WaitingEntry, WaitingState
from booking_web.words.dates import moment
from booking_web.words.interpreters import interpreter_named

# So many who were taken off last are shown, to be put back with one click.
REGRETTED = 5

blueprint = Blueprint("waiting", __name__, url_prefix="/bureau/attente")
blueprint.before_request(gate(Right.DESK, parts=("waiting.show_offers",)))


@blueprint.get("")
def show() -> str:
    """List those who wait at this person's relays, with what can be offered now."""
    now = services().now()
    with services().database.read() as session:
        relay_ids = [each.id for each in signed_in(Right.DESK).relays(session)]
        entries = waiting_at(session, relay_ids)
        offers = {offer.entry.id: offer for offer in offers_at(session, relay_ids, now)}
        withdrawn = session.scalars(
            select(WaitingEntry)
            .where(
                WaitingEntry.relay_id.in_(relay_ids),
                WaitingEntry.state == WaitingState.WITHDRAWN,
                is_unrestricted(WaitingEntry.resident_id),
            )
            .options(
                joinedload(WaitingEntry.resident),
                joinedload(WaitingEntry.organisation),
                joinedload(WaitingEntry.visit_reason),
                joinedload(WaitingEntry.relay),
            )
            .order_by(WaitingEntry.id.desc())
            .limit(REGRETTED)
        ).all()
    return render_template(
        "secretary/waiting/waiting.html",
        title=gettext("Liste d'attente"),
        entries=entries,
        offers=offers,
        withdrawn=withdrawn,
        now=now,
        is_expired=is_expired,
        interpreter_named=interpreter_named,
        day_of=lambda entry: local_day(
            entry.created_at, ZoneInfo(entry.relay.time_zone)
        ),
    )


@blueprint.get("/offres")
def show_offers() -> str:
    """Show what the desk offers to those who wait: the part that an open page renews."""
    with services().database.read() as session:
        view = desk_view(session)
    return render_template(
        "secretary/waiting/_offers.html",
        offers=offers_of(view),
        doubtful=doubtful_of(view),
        view=view,
    )


@blueprint.post("/<int:entry_id>/prendre")
def take(entry_id: int) -> Response:
    """Book the offered slot for who waits."""
    acting, now = signed_in(Right.DESK), services().now()

    def work(session: Session) -> tuple[int, str, datetime, ZoneInfo]:
        entry = _entry(session, acting, entry_id)
        starts_at, zone = _slot_of_form(), ZoneInfo(entry.relay.time_zone)
        made = acts.take_offer(session, entry, starts_at, acting.user_id, now)
        return made.id, made.resident_name, starts_at, zone

    done = carry_out(work, {acts.OfferGone: _taken, acts.NotWaiting: _not_waiting})
    if done is None:
        return _back()
    appointment_id, name, starts_at, zone = done.value
    when = moment(starts_at, zone, now)
    flash(
        gettext("Rendez-vous enregistré : %(name)s, %(when)s.", name=name, when=when),
        "success",
    )
    shown: dict[str, Any] = {}
    if local_day(starts_at, zone) != local_day(now, zone):
        shown["jour"] = local_day(starts_at, zone).isoformat()
    anchor = f"rendez-vous-{appointment_id}"
    return redirect(url_for("desk.show", _anchor=anchor, **shown), 303)


@blueprint.post("/<int:entry_id>/passer")
def pass_on(entry_id: int) -> Response:
    """Offer this slot to the next."""
    return _do(
        entry_id,
        lambda session, entry, actor, now: acts.pass_offer(
            session, entry, _slot_of_form(), actor, now
        ),
        gettext("Cette heure n'est plus proposée à cet usager. Il garde sa place."),
    )


@blueprint.post("/<int:entry_id>/retirer")
def withdraw(entry_id: int) -> Response:
    """Take the resident off the list; the page offers to put them back."""
    return _do(
        entry_id,
        acts.withdraw,
        gettext("L'usager est retiré de la liste. « Remettre » l'y replace."),
    )


@blueprint.post("/<int:entry_id>/remettre")
def put_back(entry_id: int) -> Response:
    """Undo a withdrawal."""
    return _do(
        entry_id, acts.put_back, gettext("L'usager a retrouvé sa place sur la liste.")
    )


def _do(
    entry_id: int,
    act: Callable[[Session, WaitingEntry, str, datetime], None],
    sentence: str,
) -> Response:
    acting, now = signed_in(Right.DESK), services().now()

    def work(session: Session) -> None:
        act(session, _entry(session, acting, entry_id), acting.actor, now)

    if carry_out(work, {acts.NotWaiting: _not_waiting}) is not None:
        flash(sentence, "success")
    return _back()


def _entry(session: Session, acting: Person, entry_id: int) -> WaitingEntry:
    """Give the entry, locked; one of another relay is not found (404)."""
    entry = session.scalar(
        select(WaitingEntry)
        .where(WaitingEntry.id == entry_id)
        .with_for_update(of=WaitingEntry)
    )
    if entry is None or acting.relay_id != entry.relay_id:
        abort(404)
    refuse_restricted(session, entry.resident_id)
    return entry


def _slot_of_form() -> datetime:
    """Read the slot; whose entry it is for is settled before."""
    slot = slot_value(request.form.get("slot"))
    if slot is None:
        abort(400)
    return slot.starts_at


def _taken(_error: acts.OfferGone) -> str:
    return gettext(
        "Cette heure vient d'être prise. L'usager garde sa place sur la liste."
    )


def _not_waiting(_error: acts.NotWaiting) -> str:
    return gettext("Cet usager n'est plus sur la liste. Rien n'a été fait.")


def _back() -> Response:
    return redirect(url_for("waiting.show"), 303)
