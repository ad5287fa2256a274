# SPDX-License-Identifier: AGPL-3.0-or-later
"""The form of a person: name, address, role, and the place that the role asks for."""

from typing import Any

from flask_babel import gettext, lazy_gettext

from booking_web.pages.administrator.entries.entry_form import NAME, EntryForm
from booking_web.pages.administrator.entries.fields import LineField, MenuField
from provisioning.database.models import UserRole
from provisioning.inventory.plan import Kind

OF_AN_ORGANISATION = (UserRole.MANAGER, UserRole.COUNSELLOR)


class PersonForm(EntryForm):
    """Who signs in, as what, and where."""

    kind = Kind.USER
    faults = {
        "name": NAME,
        "email": lazy_gettext(
            "Cette adresse n'est pas complète. "
            "Écrivez-la par exemple ainsi : nom@exemple.fr."
        ),
        "role": lazy_gettext("Choisissez un rôle dans la liste."),
        "relay": lazy_gettext(
            "Une secrétaire travaille dans un relais : choisissez-le."
        ),
        "organisation": lazy_gettext(
            "Un conseiller ou un responsable travaille pour un organisme : choisissez-le."
        ),
    }

    name = LineField(
        lazy_gettext("Nom"), hint=lazy_gettext("Comme ses collègues le lisent.")
    )
    email = LineField(
        lazy_gettext("Adresse électronique"),
        kind="email",
        hint=lazy_gettext("Pour se connecter."),
    )
    role = MenuField(lazy_gettext("Rôle"))
    relay = MenuField(
        lazy_gettext("Relais"), hint=lazy_gettext("Pour une secrétaire de mairie.")
    )
    organisation = MenuField(
        lazy_gettext("Organisme"),
        hint=lazy_gettext("Pour un conseiller ou un responsable."),
    )
    counsellor = MenuField(
        lazy_gettext("Téléphone"),
        hint=lazy_gettext("Pour un conseiller : le poste où il répond."),
    )

    @property
    def address(self) -> str:
        """Give the address as it is stored."""
        return (self.email.data or "").lower()

    def key(self) -> str:
        """Check with the address: it is a person's key."""
        return self.address

    def place_of_whole(self) -> str:
        """Say beside the relay or the organisation that the role asks for one."""
        return "relay" if self.role.data == UserRole.SECRETARY else "organisation"

    def say_taken(self) -> bool:
        """Say beside the address that somebody has it."""
        self.email.errors = [
            gettext("Une autre personne est déjà inscrite avec cette adresse.")
        ]
        return True

    def row(self) -> dict[str, Any]:
        """Give what was typed; a place that the role does not ask for is left out."""
        role = self.role.chosen
        is_secretary = role == UserRole.SECRETARY
        is_of_organisation = role in OF_AN_ORGANISATION
        is_counsellor = role == UserRole.COUNSELLOR
        return {
            "name": self.name.data,
            "role": role or "",
            "relay": self.relay.chosen if is_secretary else None,
            "organisation": self.organisation.chosen if is_of_organisation else None,
            "counsellor": self.counsellor.chosen if is_counsellor else None,
        }
