# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pages of visit reasons: pictogram, length, papers to bring."""

from typing import Any

from flask_babel import gettext, lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from booking_web.domain.appointments.lengths import length_of
from booking_web.pages.administrator.directory.organisations import offer_organisations
from booking_web.pages.administrator.directory.pictogram_words import pictogram_choices
from booking_web.pages.administrator.directory.relays import count_cell
from booking_web.pages.administrator.entries.entries import register
from booking_web.pages.administrator.entries.entry_pages import EntryPages
from booking_web.pages.administrator.entries.forms import ReasonForm
from booking_web.pages.administrator.entries.keys import slug_of
from booking_web.pages.administrator.entries.listing import Cell, Column, Row, Table
from booking_web.shell.pictograms import pictogram_or
from provisioning.database.models import Organisation, VisitReason
from provisioning.inventory.plan import Fields, Kind

WITHOUT_PAPERS = "sans-papiers"


class ReasonPages(EntryPages):
    """Visit reasons."""

    kind = Kind.REASON
    name = "reason"
    segment = "motifs"
    form = ReasonForm
    pictogram = "chat-dots"

    def table(self, session: Session) -> Table:
        """List the reasons by organisation, in the order that secretaries see."""
        query = (
            select(VisitReason)
            .join(Organisation)
            .options(joinedload(VisitReason.organisation))
            .order_by(Organisation.name, VisitReason.position, VisitReason.name)
        )
        return Table(
            [
                Column("nom", lazy_gettext("Motif")),
                Column("organisme", lazy_gettext("Organisme")),
                Column("duree", lazy_gettext("Durée")),
                Column("papiers", lazy_gettext("Papiers")),
            ],
            [self._row(session, each) for each in session.scalars(query)],
            {WITHOUT_PAPERS: lazy_gettext("Sans papiers")},
        )

    def offer(self, session: Session, form: Any, key: str) -> None:
        """Offer the organisations and the pictograms."""
        offer_organisations(session, form)
        form.pictogram.offer(pictogram_choices(), lazy_gettext("Aucun dessin"))
        form.papers.pictograms = [("", gettext("Aucun dessin")), *pictogram_choices()]

    def wished_key(self, form: Any, fields: Fields) -> str:
        """Name a reason by its organisation and its name."""
        return slug_of(f"{fields['organisation']}-{fields['name']}")

    def _row(self, session: Session, reason: VisitReason) -> Row:
        length = length_of(reason.organisation, reason)
        minutes = int(length.total_seconds()) // 60
        return Row(
            self.address_of(session, reason.slug),
            [
                Cell(reason.name, pictogram=pictogram_or(reason.pictogram)),
                Cell(reason.organisation.name),
                Cell(gettext("%(minutes)d min", minutes=minutes), by=minutes),
                count_cell(len(reason.papers), gettext("aucun")),
            ],
            frozenset(() if reason.papers else {WITHOUT_PAPERS}),
        )


REASONS = register(ReasonPages())
