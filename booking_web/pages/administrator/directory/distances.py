# SPDX-License-Identifier: AGPL-3.0-or-later
"""How far it is by road from a relay to each organisation, for the statistics."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.statistics.travel import distances, set_distances
from booking_web.pages.administrator.answers import INVALID, Answer
from booking_web.pages.administrator.directory.buttons import Button, back_to, press
from booking_web.pages.administrator.entries.entry_pages import existing
from booking_web.pages.administrator.gate import blueprint
from booking_web.shell.services import services
from booking_web.tables.statistics import MOST_KILOMETRES
from provisioning.database.models import Organisation, Relay
from provisioning.directory.service import Outcome
from provisioning.inventory.plan import Kind

# More digits are no distance, whatever they are.
LONGEST = 6


@dataclass(frozen=True)
class Way:
    """A field: an organisation, and what is typed of how far it is."""

    organisation_id: int
    organisation: str
    typed: str
    error: str = ""

    @property
    def name(self) -> str:
        """Name the field."""
        return f"km-{self.organisation_id}"


@blueprint.route("/relais/<ref>/distances", methods=["GET", "POST"])
def relay_distances(ref: str) -> Answer:
    """Show how far it is to each organisation, and change it."""
    existing(Kind.RELAY, ref)
    with services().database.read() as session:
        relay = session.scalars(select(Relay).where(Relay.slug == ref)).one()
        ways = _ways(session, relay.id)
    if request.method == "GET":
        return _page(relay, ways)
    typed = [_read(way, request.form.get(way.name, "")) for way in ways]
    if any(way.error for way in typed):
        return _page(relay, typed), INVALID
    kilometres = {
        way.organisation_id: int(way.typed) if way.typed else None for way in typed
    }
    return _keep(relay, kilometres)


def _keep(relay: Relay, kilometres: Mapping[int, int | None]) -> Answer:
    back = url_for("administrator.relay_change", ref=relay.slug)

    def write(session: Session, _at: datetime) -> None:
        set_distances(session, relay.id, kilometres)

    def then(_outcome: Outcome, _written: None) -> Answer:
        return back_to(back, gettext("Les distances sont enregistrées."), "success")

    button = Button("distances_changed", Kind.RELAY, relay.slug, back)
    return press(button, write, then)


def _ways(session: Session, relay_id: int) -> Sequence[Way]:
    known = distances(session)
    found = session.execute(
        select(Organisation.id, Organisation.name)
        .where(Organisation.interprets == "")
        .order_by(Organisation.name, Organisation.id)
    )
    return [
        Way(number, name, str(known.get((relay_id, number), "")))
        for number, name in found
    ]


def _read(way: Way, typed: str) -> Way:
    typed = typed.strip()
    is_right = not typed or (
        len(typed) <= LONGEST
        and typed.isascii()
        and typed.isdigit()
        and 1 <= int(typed) <= MOST_KILOMETRES
    )
    error = gettext(
        "Écrivez un nombre entier de kilomètres, de 1 à %(most)d, ou rien.",
        most=MOST_KILOMETRES,
    )
    return Way(way.organisation_id, way.organisation, typed, "" if is_right else error)


def _page(relay: Relay, ways: Sequence[Way]) -> str:
    return render_template(
        "administrator/distances.html",
        relay=relay,
        ways=ways,
        is_wrong=any(way.error for way in ways),
        most=MOST_KILOMETRES,
        title=gettext("%(relay)s : distances jusqu'aux organismes", relay=relay.name),
    )
