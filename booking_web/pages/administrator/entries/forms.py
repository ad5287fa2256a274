# SPDX-License-Identifier: AGPL-3.0-or-later
"""The forms of relays, kiosks, organisations, counters, counsellors' phones and reasons."""

from typing import Any

from flask_babel import lazy_gettext

from booking_web.pages.administrator.entries.entry_form import (
    CHOOSE,
    MINUTES,
    NAME,
    TELEPHONE,
    EntryForm,
)
from booking_web.pages.administrator.entries.fields import (
    LineField,
    MenuField,
    PapersField,
    PictogramField,
    TickField,
    decimal,
    whole,
)
from provisioning.inventory.plan import Fields, Kind

# What a counsellor telephones with.
OURS, SOFTPHONE, BROWSER = "guichet", "logiciel", "navigateur"
PROGRAMS = (
    (OURS, lazy_gettext("Le téléphone du guichet virtuel, à installer")),
    (SOFTPHONE, lazy_gettext("Un logiciel du commerce (Linphone, par exemple)")),
    (BROWSER, lazy_gettext("Le navigateur : rien à installer")),
)


class RelayForm(EntryForm):
    """A relay: the room of a commune."""

    kind = Kind.RELAY
    faults = {
        "name": NAME,
        "commune": lazy_gettext("Écrivez le nom de la commune."),
        "address": lazy_gettext("Écrivez 250 caractères au plus, sur une ligne."),
        "room": lazy_gettext("Écrivez 120 caractères au plus, sur une ligne."),
        "telephone": TELEPHONE,
        "latitude": lazy_gettext("Écrivez un nombre entre -90 et 90, comme 49,9."),
        "longitude": lazy_gettext(
            "Écrivez la latitude et la longitude, comme 49,9 et 3,63, ou aucune des deux."
        ),
        "time_zone": CHOOSE,
    }

    name = LineField(
        lazy_gettext("Nom"),
        hint=lazy_gettext("Comme les usagers le lisent : Relais de Guise."),
    )
    commune = LineField(lazy_gettext("Commune"))
    address = LineField(lazy_gettext("Adresse"), is_optional=True)
    room = LineField(
        lazy_gettext("Salle"),
        hint=lazy_gettext("Où va l'usager dans le bâtiment."),
        is_optional=True,
    )
    telephone = LineField(lazy_gettext("Téléphone"), kind="tel", is_optional=True)
    latitude = LineField(
        lazy_gettext("Latitude"),
        hint=lazy_gettext("En degrés. Les relais voisins sont proposés par distance."),
        is_optional=True,
    )
    longitude = LineField(
        lazy_gettext("Longitude"),
        hint=lazy_gettext("En degrés, vers l'est."),
        is_optional=True,
    )
    time_zone = MenuField(lazy_gettext("Heure locale"))

    def place_of_whole(self) -> str:
        """Say beside the longitude that both coordinates are wanted, or none."""
        return "longitude"

    def row(self) -> dict[str, Any]:
        """Give what was typed as a row of an inventory."""
        return {
            "name": self.name.data,
            "commune": self.commune.data,
            "address": self.address.data,
            "room": self.room.data,
            "telephone": self.telephone.data,
            "latitude": decimal(self.latitude.data),
            "longitude": decimal(self.longitude.data),
            "time_zone": self.time_zone.chosen or "",
        }


class KioskForm(EntryForm):
    """A kiosk, and the relay where it stands."""

    kind = Kind.KIOSK
    stand_in = "kiosk-x"
    faults = {"relay": lazy_gettext("Choisissez un relais dans la liste.")}

    relay = MenuField(lazy_gettext("Relais"))
    # Only written to the new kiosk's file; the directory does not know them.
    printer = LineField(
        lazy_gettext("Imprimante"),
        hint=lazy_gettext("Sa file d'impression (CUPS) sur la borne."),
        is_optional=True,
    )
    scanner = LineField(
        lazy_gettext("Scanner"),
        hint=lazy_gettext("Son nom (SANE), si la borne en a plusieurs."),
        is_optional=True,
    )

    def row(self) -> dict[str, Any]:
        """Give what was chosen as a row of an inventory."""
        return {"relay": self.relay.chosen}


class OrganisationForm(EntryForm):
    """A public body."""

    kind = Kind.ORGANISATION
    faults = {
        "name": NAME,
        "short_name": NAME,
        "appointment_minutes": MINUTES,
        "abandon_after_seconds": lazy_gettext(
            "Écrivez un nombre de secondes entre 10 et 7200."
        ),
        "telephone": TELEPHONE,
        "time_zone": CHOOSE,
        "interprets": CHOOSE,
        "wrap_up_seconds": lazy_gettext(
            "Écrivez un nombre de secondes entre 0 et 3600."
        ),
        "missed_rings_allowed": lazy_gettext("Écrivez un nombre entre 0 et 100."),
    }

    name = LineField(lazy_gettext("Nom"))
    short_name = LineField(
        lazy_gettext("Nom court"),
        hint=lazy_gettext("Pour les listes : MSA. Vide : le nom."),
        is_optional=True,
    )
    appointment_minutes = LineField(
        lazy_gettext("Durée d'un rendez-vous (minutes)"), default="30"
    )
    abandon_after_seconds = LineField(
        lazy_gettext("Attente avant d'abandonner l'appel (secondes)"), default="300"
    )
    wrap_up_seconds = LineField(
        lazy_gettext("Temps de saisie après un appel (secondes)"),
        hint=lazy_gettext(
            "Pendant ce temps le téléphone du conseiller ne sonne pas. 0 : aucun."
        ),
        default="120",
    )
    missed_rings_allowed = LineField(
        lazy_gettext("Appels manqués de suite avant la pause"),
        hint=lazy_gettext(
            "Qui n'a pas décroché autant de fois est mis en pause. 0 : jamais."
        ),
        default="3",
    )
    telephone = LineField(
        lazy_gettext("Téléphone"),
        kind="tel",
        hint=lazy_gettext("Dit aux mairies quand aucune heure n'est libre."),
        is_optional=True,
    )
    time_zone = MenuField(lazy_gettext("Heure locale"))
    interprets = MenuField(
        lazy_gettext("Service d'interprètes"),
        hint=lazy_gettext(
            "Un interprète rejoint les rendez-vous des autres organismes. Un tel "
            "service n'est pas proposé pour un rendez-vous."
        ),
    )

    def row(self) -> dict[str, Any]:
        """Give what was typed as a row of an inventory."""
        return {
            "name": self.name.data,
            "short_name": self.short_name.data,
            "appointment_minutes": whole(self.appointment_minutes.data) or "",
            "abandon_after_seconds": whole(self.abandon_after_seconds.data) or "",
            "telephone": self.telephone.data,
            "time_zone": self.time_zone.chosen or "",
            "interprets": self.interprets.data or "",
            "wrap_up_seconds": _whole_or_zero(self.wrap_up_seconds.data),
            "missed_rings_allowed": _whole_or_zero(self.missed_rings_allowed.data),
        }


def _whole_or_zero(typed: str | None) -> int | str:
    number = whole(typed)
    return "" if number is None else number


class OfOrganisationForm(EntryForm):
    """Something that belongs to an organisation and has a name."""

    faults = {
        "name": NAME,
        "organisation": lazy_gettext("Choisissez un organisme dans la liste."),
    }

    organisation = MenuField(lazy_gettext("Organisme"))
    name = LineField(lazy_gettext("Nom"))

    def row(self) -> dict[str, Any]:
        """Give what was typed as a row of an inventory."""
        return {"name": self.name.data, "organisation": self.organisation.chosen}


class CounterForm(OfOrganisationForm):
    """A counter: a line of an organisation that can be booked."""

    kind = Kind.COUNTER


class CounsellorForm(OfOrganisationForm):
    """The phone of a counsellor, in the queue of an organisation."""

    kind = Kind.COUNSELLOR
    stand_in = "counsellor-x"
    faults = {**OfOrganisationForm.faults, "program": CHOOSE}

    program = MenuField(
        lazy_gettext("Avec quoi le conseiller téléphone"),
        hint=lazy_gettext(
            "Le changer donne un nouveau secret. Le navigateur n'en demande pas : le "
            "conseiller ouvre l'adresse du site et se connecte."
        ),
        default=OURS,
    )

    in_clear = TickField(
        lazy_gettext("Son logiciel du commerce peut téléphoner sans chiffrement"),
        hint=lazy_gettext(
            "Seulement s'il ne sait pas chiffrer, et sur un réseau de confiance. Linphone "
            "et baresip savent."
        ),
    )

    def row(self) -> dict[str, Any]:
        """Give what was typed as a row of an inventory."""
        program = self.program.chosen
        # Our own program and browsers always encrypt, whatever stayed ticked.
        in_clear = program == SOFTPHONE and bool(self.in_clear.data)
        return {
            **super().row(),
            "softphone": program == SOFTPHONE,
            "in_clear": in_clear,
            "browser": program == BROWSER,
        }

    def show(self, fields: Fields) -> None:
        """Fill in what is stored, where the program stands in two columns."""
        super().show(fields)
        if fields["browser"]:
            self.program.data = BROWSER
        else:
            self.program.data = SOFTPHONE if fields["softphone"] else OURS

    def checked(self) -> Fields | None:
        """Give the entry's fields, of a program that is offered."""
        fields = super().checked()
        if self.program.chosen is None:
            self.say("program")
            return None
        return fields


class ReasonForm(OfOrganisationForm):
    """Why residents come, with the papers to bring."""

    kind = Kind.REASON
    faults = {
        **OfOrganisationForm.faults,
        "pictogram": CHOOSE,
        "minutes": MINUTES,
        "position": lazy_gettext("Écrivez un nombre entre 0 et 9999."),
        "papers": lazy_gettext(
            "Écrivez le nom de chaque papier, en 120 caractères au plus."
        ),
    }

    pictogram = PictogramField(lazy_gettext("Dessin"))
    minutes = LineField(
        lazy_gettext("Durée (minutes)"),
        hint=lazy_gettext("Vide : celle de l'organisme."),
        is_optional=True,
    )
    position = LineField(
        lazy_gettext("Ordre"),
        default="0",
        hint=lazy_gettext("Le plus petit nombre vient d'abord."),
    )
    papers = PapersField(lazy_gettext("Papiers à apporter"))

    def row(self) -> dict[str, Any]:
        """Give what was typed as a row of an inventory."""
        return {
            **super().row(),
            "pictogram": self.pictogram.data or "",
            "minutes": whole(self.minutes.data),
            "position": whole(self.position.data) or 0,
            "papers": self.papers.data,
        }
