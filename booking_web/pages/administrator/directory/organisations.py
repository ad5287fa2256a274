# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pages of organisations and of their counters."""

from collections.abc import Mapping
from typing import Any

from flask import request
from flask_babel import gettext, lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from booking_web.pages.administrator.directory.relays import count_cell
from booking_web.pages.administrator.entries.entries import register
from booking_web.pages.administrator.entries.entry_form import offer_zones
from booking_web.pages.administrator.entries.entry_pages import EntryPages
from booking_web.pages.administrator.entries.forms import CounterForm, OrganisationForm
from booking_web.pages.administrator.entries.keys import slug_of
from booking_web.pages.administrator.entries.listing import Cell, Column, Row, Table
from booking_web.tables.hours import Opening
from booking_web.words.interpreters import INTERPRETING
from provisioning.database.models import Counter, Organisation
from provisioning.inventory.plan import Fields, Kind

WITHOUT_COUNTER, WITHOUT_COUNSELLOR, WITHOUT_REASON = (
    "sans-guichet",
    "sans-conseiller",
    "sans-motif",
)
WITHOUT_HOURS = "sans-heures"


class OrganisationPages(EntryPages):
    """Organisations."""

    kind = Kind.ORGANISATION
    name = "organisation"
    segment = "organismes"
    form = OrganisationForm
    pictogram = "bank"

    def table(self, session: Session) -> Table:
        """List the organisations by name, with what they lack."""
        query = (
            select(Organisation)
            .options(
                selectinload(Organisation.counters),
                selectinload(Organisation.counsellors),
                selectinload(Organisation.visit_reasons),
            )
            .order_by(Organisation.name)
        )
        return Table(
            [
                Column("nom", lazy_gettext("Organisme")),
                Column("guichets", lazy_gettext("Guichets")),
                Column("telephones", lazy_gettext("Téléphones")),
                Column("motifs", lazy_gettext("Motifs")),
            ],
            [self._row(session, each) for each in session.scalars(query)],
            {
                WITHOUT_COUNTER: lazy_gettext("Sans guichet"),
                WITHOUT_COUNSELLOR: lazy_gettext("Sans téléphone"),
                WITHOUT_REASON: lazy_gettext("Sans motif"),
            },
        )

    def offer(self, session: Session, form: Any, key: str) -> None:
        """Offer the zones of France, the site's own chosen for a new organisation."""
        query = select(Organisation.time_zone).where(Organisation.slug == key)
        offer_zones(form.time_zone, session, session.scalar(query))
        form.interprets.offer(
            list(INTERPRETING.items()),
            lazy_gettext("Non, cet organisme reçoit les usagers"),
        )

    def wished_key(self, form: Any, fields: Fields) -> str:
        """Name an organisation by its short name."""
        return slug_of(str(fields["short_name"]))

    def rows_beside(
        self, key: str, fields: Fields
    ) -> dict[Kind, list[Mapping[str, Any]]]:
        """Give a new organisation its first counter, as the command does."""
        counter = {"slug": f"{key}-1", "name": "Guichet 1", "organisation": key}
        return {Kind.COUNTER: [counter]}

    def facts(self, session: Session, key: str) -> dict[str, Any]:
        """Give what belongs to the organisation."""
        query = select(Organisation).where(Organisation.slug == key)
        return {
            "organisation": session.scalars(query).one(),
            "facts_template": "administrator/_organisation.html",
        }

    def _row(self, session: Session, each: Organisation) -> Row:
        lacks = {
            WITHOUT_COUNTER: not each.counters,
            WITHOUT_COUNSELLOR: not each.counsellors,
            # An interpreter comes for the reason of the others.
            WITHOUT_REASON: not (each.visit_reasons or each.interprets),
        }
        return Row(
            self.address_of(session, each.slug),
            [
                Cell(each.name),
                count_cell(len(each.counters), gettext("aucun")),
                count_cell(len(each.counsellors), gettext("aucun")),
                count_cell(len(each.visit_reasons), gettext("aucun")),
            ],
            frozenset(name for name, is_lacking in lacks.items() if is_lacking),
        )


class CounterPages(EntryPages):
    """Counters."""

    kind = Kind.COUNTER
    name = "counter"
    segment = "guichets"
    form = CounterForm
    pictogram = "signpost-split"

    def table(self, session: Session) -> Table:
        """List the counters by organisation, and whether they are ever open."""
        query = (
            select(Counter)
            .join(Organisation)
            .options(joinedload(Counter.organisation))
            .order_by(Organisation.name, Counter.name)
        )
        opened = set(session.scalars(select(Opening.counter_id).distinct()))
        return Table(
            [
                Column("nom", lazy_gettext("Guichet")),
                Column("organisme", lazy_gettext("Organisme")),
                Column("heures", lazy_gettext("Heures")),
            ],
            [
                self._row(session, each, each.id in opened)
                for each in session.scalars(query)
            ],
            {WITHOUT_HOURS: lazy_gettext("Sans heures publiées")},
        )

    def offer(self, session: Session, form: Any, key: str) -> None:
        """Offer the organisations."""
        offer_organisations(session, form)

    def wished_key(self, form: Any, fields: Fields) -> str:
        """Number the counters of an organisation."""
        return f"{fields['organisation']}-1"

    def _row(self, session: Session, counter: Counter, is_open: bool) -> Row:
        hours = Cell(gettext("publiées"))
        if not is_open:
            hours = Cell(gettext("aucune heure publiée"), "trouble")
        return Row(
            self.address_of(session, counter.slug),
            [Cell(counter.name), Cell(counter.organisation.name), hours],
            frozenset(() if is_open else {WITHOUT_HOURS}),
        )


def offer_organisations(session: Session, form: Any) -> None:
    """Offer the organisations; the one that the address names is chosen at first."""
    found = session.scalars(select(Organisation).order_by(Organisation.name))
    form.organisation.offer(
        [(each.slug, each.name) for each in found],
        lazy_gettext("Choisissez un organisme"),
    )
    if request.method == "GET":
        form.organisation.data = request.args.get("organisme")


ORGANISATIONS = register(OrganisationPages())
COUNTERS = register(CounterPages())
