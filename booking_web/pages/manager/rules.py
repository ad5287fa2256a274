# SPDX-License-Identifier: AGPL-3.0-or-later
"""The page of the rules: how hours are offered, and to which relays."""

from dataclasses import dataclass
from datetime import datetime

from flask import render_template, request
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.places.public_holidays import ALSACE_MOSELLE
from booking_web.domain.places.relays import all_relays
from booking_web.domain.rights.person import Person, Right
from booking_web.pages.manager.forms import NotANumber, RulesForm, whole_number
from booking_web.pages.manager.gate import blueprint
from booking_web.pages.manager.pages import INVALID, Answer, changed, is_coming_back
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.hours import BookingRules, RelayRules
from provisioning.database.models import Organisation, Relay


@dataclass
class RelayLine:
    """One relay in the form."""

    relay: Relay
    is_served: bool
    # As it was typed.
    most: str
    error: str = ""


@blueprint.route("/regles", methods=["GET", "POST"])
def rules() -> Answer:
    """Show the rules of the organisation and of each relay, and change them."""
    acting, now = signed_in(Right.HOURS), services().now()
    form = RulesForm()
    with services().database.read() as session:
        organisation = acting.organisation(session)
        lines = _lines(session, acting)
        if request.method == "GET":
            _fill(form, session.get(BookingRules, organisation.id))
    if request.method == "GET" or is_coming_back():
        return _page(form, organisation, lines)
    form.validate()
    values = form.values()
    relays = _relay_values(lines)
    if values is None or relays is None:
        return _page(form, organisation, lines), INVALID
    return _save(acting, values, relays, now)


def _save(
    acting: Person,
    values: dict[str, object],
    relays: dict[int, tuple[bool, int | None]],
    now: datetime,
) -> Answer:
    def change(session: Session) -> None:
        row = session.get(BookingRules, acting.organisation_id)
        if row is None:
            row = BookingRules(organisation_id=acting.organisation_id)
            session.add(row)
        for name, value in values.items():
            setattr(row, name, value)
        for relay_id, (is_served, most) in relays.items():
            of_relay = session.get(RelayRules, (acting.organisation_id, relay_id))
            if of_relay is None:
                of_relay = RelayRules(
                    organisation_id=acting.organisation_id, relay_id=relay_id
                )
                session.add(of_relay)
            of_relay.is_served, of_relay.max_per_day = is_served, most

    return changed(acting, change, now, gettext("Les règles sont enregistrées."))


def _fill(form: RulesForm, row: BookingRules | None) -> None:
    if row is None:
        form.lead.data, form.horizon.data = "0", "60"
        return
    form.step.data = str(row.step_minutes or "")
    form.lead.data = str(row.lead_minutes // 60)
    form.horizon.data = str(row.horizon_days)
    form.most.data = str(row.max_per_day or "")
    form.open_on_holidays.data = row.open_on_holidays
    form.alsace.data = row.holiday_region == ALSACE_MOSELLE


def _lines(session: Session, acting: Person) -> list[RelayLine]:
    """Give each relay with its rules: as typed where the form was sent."""
    stored = {
        row.relay_id: row
        for row in session.scalars(
            select(RelayRules).where(
                RelayRules.organisation_id == acting.organisation_id
            )
        )
    }
    lines = []
    for relay in all_relays(session):
        row = stored.get(relay.id)
        if request.method == "POST":
            is_served = f"served-{relay.id}" in request.form
            most = request.form.get(f"most-{relay.id}", "")
        else:
            is_served = row.is_served if row else True
            most = str(row.max_per_day or "") if row else ""
        lines.append(RelayLine(relay, is_served, most))
    return lines


def _relay_values(
    lines: list[RelayLine],
) -> dict[int, tuple[bool, int | None]] | None:
    """Read the lines; None after writing errors into them."""
    values = {}
    for line in lines:
        try:
            most = whole_number(line.most, 1, 10_000)
        except NotANumber as error:
            line.error = str(error)
            continue
        values[line.relay.id] = (line.is_served, most)
    return None if any(line.error for line in lines) else values


def _page(form: RulesForm, organisation: Organisation, lines: list[RelayLine]) -> str:
    return render_template(
        "manager/rules.html",
        form=form,
        organisation=organisation,
        lines=lines,
        title=gettext("Règles de réservation"),
    )
