# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pages of people: who signs in, as what and where, and whether they ever did."""

from typing import Any

from flask import abort, request, url_for
from flask_babel import gettext, lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from booking_web.base.row_numbers import whole_or_none
from booking_web.domain.rights.own_relays import relays_of
from booking_web.domain.rights.password_links import end_links_of
from booking_web.domain.rights.provider_ties import tied_since
from booking_web.domain.rights.second_factors import has_second_factor
from booking_web.pages.administrator.acts import Beside, Done
from booking_web.pages.administrator.answers import Answer, sheet
from booking_web.pages.administrator.entries.entries import register
from booking_web.pages.administrator.entries.entry_pages import EntryPages
from booking_web.pages.administrator.entries.listing import Cell, Column, Row, Table
from booking_web.pages.administrator.people.form import PersonForm
from booking_web.pages.administrator.people.invitations import (
    Invitation,
    invitation_sheet,
)
from booking_web.pages.administrator.words import ROLES
from booking_web.shell.services import services
from booking_web.words.dates import day_of
from provisioning.database.models import (
    Counsellor,
    Organisation,
    Relay,
    User,
    UserRole,
)
from provisioning.directory.people import readdress
from provisioning.inventory.plan import Fields, Kind

NEVER, CLOSED = "jamais-connectes", "fermes"


class PeoplePages(EntryPages):
    """People who sign in; an address names one by number, since the e-mail may change."""

    kind = Kind.USER
    name = "person"
    segment = "personnes"
    form = PersonForm
    pictogram = "people"
    added_as = "invited"
    no_lack = frozenset({CLOSED, *ROLES})

    def address_of(self, session: Session, key: str) -> str:
        """Give the address of a person's page."""
        user_id = session.scalar(select(User.id).where(User.email == key))
        return url_for("administrator.person_change", ref=user_id)

    def key_of(self, session: Session, ref: str) -> str:
        """Give the e-mail of the person with this number."""
        return person(session, ref).email

    def table(self, session: Session) -> Table:
        """List the people by name."""
        query = (
            select(User)
            .options(joinedload(User.relay), joinedload(User.organisation))
            .order_by(User.name, User.email)
        )
        return Table(
            [
                Column("nom", lazy_gettext("Nom")),
                Column("adresse", lazy_gettext("Adresse électronique")),
                Column("role", lazy_gettext("Rôle")),
                Column("lieu", lazy_gettext("Relais ou organisme")),
                Column("connexion", lazy_gettext("Dernière connexion")),
            ],
            [_row(each) for each in session.scalars(query)],
            {
                NEVER: lazy_gettext("Jamais connectés"),
                CLOSED: lazy_gettext("Comptes fermés"),
                **ROLES,
            },
        )

    def offer(self, session: Session, form: Any, key: str) -> None:
        """Offer roles, relays, organisations and telephones."""
        form.role.offer(list(ROLES.items()), lazy_gettext("Choisissez un rôle"))
        relays = session.scalars(select(Relay).order_by(Relay.name))
        form.relay.offer(
            [(relay.slug, relay.name) for relay in relays], lazy_gettext("Aucun")
        )
        found = session.scalars(select(Organisation).order_by(Organisation.name))
        form.organisation.offer(
            [(each.slug, each.name) for each in found], lazy_gettext("Aucun")
        )
        telephones = session.scalars(
            select(Counsellor)
            .join(Organisation)
            .options(joinedload(Counsellor.organisation))
            .order_by(Organisation.name, Counsellor.name)
        )
        form.counsellor.offer(
            [
                (each.slug, f"{each.organisation.short_name} – {each.name}")
                for each in telephones
            ],
            lazy_gettext("Aucun"),
        )
        if request.method == "GET":
            form.email.data = key
            form.role.data = request.args.get("role")
            form.relay.data = request.args.get("relais")

    def wished_key(self, form: Any, fields: Fields) -> str:
        """Name a person by the address that was typed."""
        return str(form.address)

    def key_after(self, form: Any, key: str) -> str:
        """Give the address as it was typed."""
        return str(form.address)

    def question(
        self, session: Session, key: str, before: Fields, after: Fields
    ) -> str:
        """Ask before a person loses what they see now."""
        if before["role"] == after["role"] and all(
            before[place] == after[place] for place in ("relay", "organisation")
        ):
            return ""
        return gettext(
            "Cette personne ne verra plus ce qu'elle voit aujourd'hui : elle est "
            "déconnectée aussitôt, et retrouve ses nouvelles pages à la connexion."
        )

    def beside(self, form: Any, key: str) -> Beside | None:
        """Write a new address, or the link of an invitation, in the same transaction."""
        address = str(form.address)
        if not key:
            invitation = form.invitation = Invitation(address)
            return invitation.make
        if address == key:
            return None

        def write(session: Session) -> bool:
            # A link that went to a wrong address opens nothing any more.
            end_links_of(session, key)
            readdress(session, key, address)
            return True

        return write

    def facts(self, session: Session, key: str) -> dict[str, Any]:
        """Give what may be done with the account."""
        user = session.scalars(select(User).where(User.email == key)).one()
        tied = tied_since(session, user.id)
        return {
            "person": user,
            "last_seen": last_seen(user),
            "has_second_factor": has_second_factor(session, user.id),
            "tied_on": day_of(tied) if tied else "",
            "provider_name": services().settings.oidc_name,
            "other_relays": _other_relays(session, user),
            "facts_template": "administrator/_person.html",
        }

    def after_adding(self, done: Done, form: Any) -> Answer:
        """Show the sheet with the link, once."""
        with services().database.read() as session:
            back = self.address_of(session, done.key)
        return sheet(invitation_sheet(form.invitation, back))


def person(session: Session, ref: str) -> User:
    """Give the person with this number; one that does not exist is not found (404)."""
    number = whole_or_none(ref)
    user = session.get(User, number) if number is not None else None
    if user is None:
        abort(404)
    return user


def last_seen(user: User) -> str:
    """Say when a person last signed in."""
    if user.last_signed_in_at is None:
        return gettext("jamais")
    return day_of(user.last_signed_in_at)


def _other_relays(session: Session, user: User) -> list[tuple[Relay, bool]]:
    """List the relays that are not the secretary's own, and whether she works for each."""
    if user.role != UserRole.SECRETARY:
        return []
    theirs = {each.id for each in relays_of(session, user.id)}
    others = select(Relay).where(Relay.id != user.relay_id).order_by(Relay.name)
    return [(each, each.id in theirs) for each in session.scalars(others)]


def _row(user: User) -> Row:
    place = user.relay or user.organisation
    seen = user.last_signed_in_at
    within = {user.role}
    if not user.active:
        within.add(CLOSED)
    elif seen is None:
        within.add(NEVER)
    said = last_seen(user) if user.active else gettext("compte fermé")
    tone = "over" if not user.active else "trouble" if seen is None else ""
    return Row(
        url_for("administrator.person_change", ref=user.id),
        [
            Cell(user.name),
            Cell(user.email),
            Cell(ROLES[UserRole(user.role)]),
            Cell(place.name if place else ""),
            Cell(said, tone, by=seen.timestamp() if seen else 0.0),
        ],
        frozenset(within),
    )


PEOPLE = register(PeoplePages())
