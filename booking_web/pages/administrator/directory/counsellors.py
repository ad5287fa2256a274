# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pages of counsellors' phones: in whose queue they ring, and their secrets."""

from typing import Any

from flask import url_for
from flask_babel import gettext, lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from booking_web.pages.administrator.acts import Done
from booking_web.pages.administrator.answers import Answer, sheet
from booking_web.pages.administrator.directory.kiosks import (
    NEVER_SEEN,
    OFFLINE,
    narrowings_of,
    presences,
    state_cell,
)
from booking_web.pages.administrator.directory.machine_facts import facts_of
from booking_web.pages.administrator.directory.organisations import offer_organisations
from booking_web.pages.administrator.directory.secret_sheets import (
    question_of_renewal,
    sheet_of,
)
from booking_web.pages.administrator.entries.entries import register
from booking_web.pages.administrator.entries.entry_pages import EntryPages
from booking_web.pages.administrator.entries.forms import (
    BROWSER,
    PROGRAMS,
    SOFTPHONE,
    CounsellorForm,
)
from booking_web.pages.administrator.entries.listing import Cell, Column, Row, Table
from booking_web.shell.kiosk_site import access_of_site
from booking_web.shell.services import services
from provisioning.database.models import Counsellor, Organisation, SipTransport
from provisioning.inventory.plan import Fields, Kind


class CounsellorPages(EntryPages):
    """Counsellors' phones."""

    kind = Kind.COUNSELLOR
    name = "counsellor"
    segment = "telephones"
    form = CounsellorForm
    pictogram = "telephone"

    def table(self, session: Session) -> Table:
        """List the phones by organisation, and whether Asterisk has ever seen them."""
        query = (
            select(Counsellor)
            .join(Organisation)
            .options(joinedload(Counsellor.organisation))
            .order_by(Organisation.name, Counsellor.name)
        )
        seen = presences(session)
        return Table(
            [
                Column("nom", lazy_gettext("Conseiller")),
                Column("organisme", lazy_gettext("Organisme")),
                Column("identifiant", lazy_gettext("Nom d'utilisateur")),
                Column("etat", lazy_gettext("État")),
            ],
            [
                Row(
                    self.address_of(session, each.slug),
                    [
                        Cell(each.name),
                        Cell(each.organisation.name),
                        Cell(each.slug),
                        state_cell(seen.get(each.slug)),
                    ],
                    narrowings_of(seen.get(each.slug)),
                )
                for each in session.scalars(query)
            ],
            {
                NEVER_SEEN: lazy_gettext("Jamais en ligne"),
                OFFLINE: lazy_gettext("Hors ligne"),
            },
        )

    def offer(self, session: Session, form: Any, key: str) -> None:
        """Offer the organisations, and what one may telephone with."""
        offer_organisations(session, form)
        form.program.offer(PROGRAMS)

    def wished_key(self, form: Any, fields: Fields) -> str:
        """Number the phones of an organisation."""
        return f"counsellor-{fields['organisation']}-1"

    def question(
        self, session: Session, key: str, before: Fields, after: Fields
    ) -> str:
        """Ask before a phone leaves a queue, or needs another secret."""
        if before["organisation"] != after["organisation"]:
            return gettext(
                "Ce téléphone ne recevra plus les appels de son organisme actuel."
            )
        if after["browser"] and not before["browser"]:
            return gettext(
                "L'ancien secret ne marche plus aussitôt. Le conseiller ouvre l'adresse du "
                "site et se connecte : rien à lui remettre. Un appel en cours continue."
            )
        if (before["softphone"], before["browser"]) != (
            after["softphone"],
            after["browser"],
        ):
            return question_of_renewal()
        if before["in_clear"] and not after["in_clear"]:
            return gettext(
                "Un logiciel réglé sans chiffrement ne recevra plus d'appels : donnez-lui "
                "ensuite un nouveau lien."
            )
        return ""

    def facts(self, session: Session, key: str) -> dict[str, Any]:
        """Give whether it was seen, and what may be done with its secret."""
        return {
            "presence": state_cell(presences(session).get(key)),
            "transports": self._transports(session, key),
            "access": facts_of(session, key),
            "facts_template": "administrator/_secret.html",
        }

    def after_adding(self, done: Done, form: Any) -> Answer:
        """Lead to where a softphone gets its link; else show what it starts from, once."""
        if form.program.data == BROWSER:
            said = gettext(
                "Le téléphone est inscrit. Dites maintenant, sur la fiche de la personne, "
                "que c'est le sien."
            )
            return self.lead_to(done.key, said)
        if form.program.data == SOFTPHONE and access_of_site() is not None:
            said = gettext("Le téléphone est inscrit. Donnez-lui maintenant son lien.")
            return self.lead_to(done.key, said)
        return self._sheet(done, str(self.words.added))

    def after_changing(self, done: Done) -> Answer:
        """Show the new secret, where the change needed one."""
        if done.outcome is not None and done.outcome.sip_secrets:
            return self._sheet(done, str(self.words.changed))
        return super().after_changing(done)

    def _transports(self, session: Session, key: str) -> list[SipTransport]:
        """Give the transports to choose among; none where there is TLS alone."""
        may_be_in_clear = session.scalar(
            select(Counsellor.in_clear).where(Counsellor.slug == key)
        )
        is_open = bool(services().settings.sip_plain_port)
        return list(SipTransport) if is_open and may_be_in_clear else []

    def _sheet(self, done: Done, said: str) -> Answer:
        assert done.outcome is not None
        back = url_for("administrator.counsellor_change", ref=done.key)
        return sheet(sheet_of(done.outcome, said, back))


COUNSELLORS = register(CounsellorPages())
