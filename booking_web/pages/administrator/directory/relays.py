# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pages of relays: the town halls, where they are and who lies near."""

from typing import Any

from flask_babel import gettext, lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from booking_web.domain.places.relays import nearest_relays
from booking_web.domain.residents.telephones import readable_telephone
from booking_web.domain.statistics.travel import count_distances
from booking_web.pages.administrator.entries.entries import register
from booking_web.pages.administrator.entries.entry_form import offer_zones
from booking_web.pages.administrator.entries.entry_pages import EntryPages
from booking_web.pages.administrator.entries.forms import RelayForm
from booking_web.pages.administrator.entries.keys import slug_of
from booking_web.pages.administrator.entries.listing import Cell, Column, Row, Table
from provisioning.database.models import Relay, User
from provisioning.inventory.plan import Fields, Kind

WITHOUT_KIOSK, WITHOUT_SECRETARY, WITHOUT_PLACE = (
    "sans-borne",
    "sans-secretaire",
    "sans-position",
)
NEIGHBOURS = 5


class RelayPages(EntryPages):
    """Relays."""

    kind = Kind.RELAY
    name = "relay"
    segment = "relais"
    form = RelayForm
    pictogram = "geo-alt"

    def table(self, session: Session) -> Table:
        """List the relays by name, with what they lack."""
        query = select(Relay).options(selectinload(Relay.kiosks)).order_by(Relay.name)
        secretaries = secretaries_of(session)
        return Table(
            [
                Column("nom", lazy_gettext("Relais")),
                Column("commune", lazy_gettext("Commune")),
                Column("bornes", lazy_gettext("Bornes")),
                Column("secretaires", lazy_gettext("Secrétaires")),
                Column("telephone", lazy_gettext("Téléphone")),
            ],
            [
                self._row(session, relay, secretaries.get(relay.id, 0))
                for relay in session.scalars(query)
            ],
            {
                WITHOUT_KIOSK: lazy_gettext("Sans borne"),
                WITHOUT_SECRETARY: lazy_gettext("Sans secrétaire"),
                WITHOUT_PLACE: lazy_gettext("Sans position"),
            },
        )

    def offer(self, session: Session, form: Any, key: str) -> None:
        """Offer the zones of France, the site's own chosen for a new relay."""
        stored = session.scalar(select(Relay.time_zone).where(Relay.slug == key))
        offer_zones(form.time_zone, session, stored)

    def wished_key(self, form: Any, fields: Fields) -> str:
        """Name a relay by its commune."""
        return slug_of(str(fields["commune"]))

    def facts(self, session: Session, key: str) -> dict[str, Any]:
        """Give the kiosks, the secretaries and the neighbours."""
        relay = session.scalars(select(Relay).where(Relay.slug == key)).one()
        people = select(User).where(User.relay_id == relay.id).order_by(User.name)
        near = nearest_relays(session, relay)[1 : NEIGHBOURS + 1]
        return {
            "kiosks": relay.kiosks,
            "people": list(session.scalars(people)),
            "neighbours": [
                (other, None if km is None else f"{km:.0f}") for other, km in near
            ],
            "distances": count_distances(session, relay.id),
            "facts_template": "administrator/_relay.html",
        }

    def _row(self, session: Session, relay: Relay, secretaries: int) -> Row:
        lacks = {
            WITHOUT_KIOSK: not relay.kiosks,
            WITHOUT_SECRETARY: not secretaries,
            WITHOUT_PLACE: relay.latitude is None,
        }
        return Row(
            self.address_of(session, relay.slug),
            [
                Cell(relay.name),
                Cell(relay.commune),
                count_cell(len(relay.kiosks), gettext("aucune")),
                count_cell(secretaries, gettext("aucune")),
                Cell(readable_telephone(relay.telephone)),
            ],
            frozenset(name for name, is_lacking in lacks.items() if is_lacking),
        )


def count_cell(count: int, none: str) -> Cell:
    """Show a number, and none of them as something to see to."""
    return Cell(count or none, "" if count else "trouble", by=count)


def secretaries_of(session: Session) -> dict[int, int]:
    """Count those who can sign in, by relay."""
    counts: dict[int, int] = {}
    query = select(User.relay_id).where(
        User.relay_id.is_not(None), User.active.is_(True)
    )
    for relay_id in session.scalars(query):
        if relay_id is not None:
            counts[relay_id] = counts.get(relay_id, 0) + 1
    return counts


RELAYS = register(RelayPages())
