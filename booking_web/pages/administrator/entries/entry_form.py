# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the forms of all entries have in common.

What an entry may hold is settled by `provisioning.inventory.entries`, as for the commands;
here it is asked for, and what is refused is said in plain words beside its field.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from flask_babel import LazyString, lazy_gettext
from flask_wtf import FlaskForm
from pydantic import ValidationError
from sqlalchemy.orm import Session

from booking_web.domain.residents.telephones import readable_telephone
from booking_web.pages.administrator.entries.fields import (
    MenuField,
    PapersField,
    TickField,
    shown,
)
from provisioning.directory.usual_time_zone import usual_time_zone
from provisioning.inventory.entries import ENTRIES
from provisioning.inventory.plan import Fields, Kind

NAME = lazy_gettext("Écrivez un nom de 120 caractères au plus.")
TELEPHONE = lazy_gettext(
    "Ce numéro n'existe pas. Écrivez-le en entier, par exemple 03 23 00 00 00, ou un "
    "numéro court comme 3646."
)
CHOOSE = lazy_gettext("Choisissez dans la liste.")
MINUTES = lazy_gettext("Écrivez un nombre de minutes entre 5 et 480.")
ZONES = (
    ("Europe/Paris", lazy_gettext("France métropolitaine")),
    ("America/Guadeloupe", lazy_gettext("Guadeloupe")),
    ("America/Martinique", lazy_gettext("Martinique")),
    ("America/Cayenne", lazy_gettext("Guyane")),
    ("Indian/Reunion", lazy_gettext("La Réunion")),
    ("Indian/Mayotte", lazy_gettext("Mayotte")),
    ("America/Miquelon", lazy_gettext("Saint-Pierre-et-Miquelon")),
    ("Pacific/Noumea", lazy_gettext("Nouvelle-Calédonie")),
    ("Pacific/Tahiti", lazy_gettext("Polynésie française")),
)


def offer_zones(menu: MenuField, session: Session, stored: str | None) -> None:
    """Offer the zones of France; the stored one, or the site's own, is chosen already."""
    chosen = stored or usual_time_zone(session)
    zones: list[tuple[str, object]] = list(ZONES)
    if chosen not in dict(zones):
        zones.append((chosen, chosen))
    menu.offer(zones)
    if menu.data is None:
        menu.data = chosen


class EntryForm(FlaskForm):
    """The form of one entry; its fields are named as in an inventory."""

    kind: ClassVar[Kind]
    # A key that keeps the rules, while the entry has none yet.
    stand_in: ClassVar[str] = "x"
    # What is said of a value that breaks a rule, by field.
    faults: ClassVar[Mapping[str, LazyString]] = {}

    def show(self, fields: Fields) -> None:
        """Fill in what is stored."""
        for field in self:
            if isinstance(field, (TickField, PapersField)):
                field.data = fields[field.name]
            elif field.name == "telephone":
                field.data = readable_telephone(str(fields["telephone"]))
            elif field.name in fields:
                field.data = shown(fields[field.name])

    def row(self) -> dict[str, Any]:
        """Give what was typed as a row of an inventory, without its key."""
        raise NotImplementedError

    def key(self) -> str:
        """Give the key to check with."""
        return self.stand_in

    def place_of_whole(self) -> str:
        """Name the field beside which a fault of the whole entry is said."""
        return "name"

    def say_taken(self) -> bool:
        """Say that the key is another entry's, where it was typed here."""
        return False

    def checked(self) -> Fields | None:
        """Give the entry's fields; None after saying beside each field what is wrong."""
        self.validate()
        model = ENTRIES[self.kind]
        row = {name: value for name, value in self.row().items() if value is not None}
        try:
            entry = model.model_validate({model.key_name: self.key(), **row})
        except ValidationError as error:
            for fault in error.errors(include_url=False, include_context=False):
                self.say(
                    str(fault["loc"][0]) if fault["loc"] else self.place_of_whole()
                )
            return None
        return None if self.errors else entry.fields()

    def say(self, name: str) -> None:
        """Say beside the field what is wrong with it, once."""
        field = self[name]
        field.errors = [str(self.faults[name])]
