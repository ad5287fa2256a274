# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the administrator's pages say: of each kind of entry, and of what is refused."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import LazyString, gettext, lazy_gettext

from booking_web.shell.kiosk_site import NotSetUp
from provisioning.database.models import UserRole
from provisioning.directory.errors import (
    AlreadyThere,
    DirectoryError,
    ImmovableCounter,
    LastAdministrator,
    OthersTelephone,
    StillNeeded,
    StillReferenced,
    UnknownEntry,
)
from provisioning.inventory.plan import Kind
from provisioning.inventory.reading import InventoryError


@dataclass(frozen=True)
class EntryWords:
    """The sentences of the pages of one kind."""

    plural: LazyString
    add: LazyString
    added: LazyString
    changed: LazyString
    ask_removal: LazyString
    removed: LazyString
    none_yet: LazyString


WORDS: Mapping[Kind, EntryWords] = {
    Kind.RELAY: EntryWords(
        lazy_gettext("Relais"),
        lazy_gettext("Ajouter un relais"),
        lazy_gettext("Le relais est inscrit. Ajoutez-lui maintenant sa borne."),
        lazy_gettext("Le relais est changé."),
        lazy_gettext("Retirer ce relais ?"),
        lazy_gettext("Le relais est retiré."),
        lazy_gettext("Aucun relais pour l'instant. Ajoutez la première mairie."),
    ),
    Kind.KIOSK: EntryWords(
        lazy_gettext("Bornes"),
        lazy_gettext("Ajouter une borne"),
        lazy_gettext("La borne est inscrite."),
        lazy_gettext("La borne est changée."),
        lazy_gettext("Retirer cette borne ?"),
        lazy_gettext("La borne est retirée."),
        lazy_gettext("Aucune borne pour l'instant."),
    ),
    Kind.ORGANISATION: EntryWords(
        lazy_gettext("Organismes"),
        lazy_gettext("Ajouter un organisme"),
        lazy_gettext("L'organisme est inscrit, avec un premier guichet."),
        lazy_gettext("L'organisme est changé."),
        lazy_gettext("Retirer cet organisme ?"),
        lazy_gettext("L'organisme est retiré."),
        lazy_gettext("Aucun organisme pour l'instant."),
    ),
    Kind.COUNTER: EntryWords(
        lazy_gettext("Guichets"),
        lazy_gettext("Ajouter un guichet"),
        lazy_gettext("Le guichet est inscrit. Le responsable publie ses heures."),
        lazy_gettext("Le guichet est changé."),
        lazy_gettext("Retirer ce guichet ?"),
        lazy_gettext("Le guichet est retiré."),
        lazy_gettext("Aucun guichet pour l'instant."),
    ),
    Kind.COUNSELLOR: EntryWords(
        lazy_gettext("Téléphones"),
        lazy_gettext("Ajouter le téléphone d'un conseiller"),
        lazy_gettext("Le téléphone est inscrit."),
        lazy_gettext("Le téléphone est changé."),
        lazy_gettext("Retirer ce téléphone ?"),
        lazy_gettext("Le téléphone est retiré."),
        lazy_gettext("Aucun téléphone de conseiller pour l'instant."),
    ),
    Kind.REASON: EntryWords(
        lazy_gettext("Motifs"),
        lazy_gettext("Ajouter un motif"),
        lazy_gettext("Le motif est inscrit."),
        lazy_gettext("Le motif est changé."),
        lazy_gettext("Retirer ce motif ?"),
        lazy_gettext("Le motif est retiré."),
        lazy_gettext("Aucun motif pour l'instant."),
    ),
    Kind.USER: EntryWords(
        lazy_gettext("Personnes"),
        lazy_gettext("Inviter une personne"),
        lazy_gettext("La personne est inscrite."),
        lazy_gettext("La fiche est changée."),
        lazy_gettext("Retirer cette personne ?"),
        lazy_gettext("La personne est retirée."),
        lazy_gettext("Personne pour l'instant."),
    ),
}

ROLES: Mapping[str, LazyString] = {
    UserRole.SECRETARY: lazy_gettext("Secrétaire de mairie"),
    UserRole.COUNSELLOR: lazy_gettext("Conseiller"),
    UserRole.MANAGER: lazy_gettext("Responsable d'organisme"),
    UserRole.SUPERVISOR: lazy_gettext("Superviseur"),
    UserRole.OFFICER: lazy_gettext("Délégué à la protection des données"),
    UserRole.ADMINISTRATOR: lazy_gettext("Administrateur"),
}

# What the journal's words mean.
ACTS: Mapping[str, LazyString] = {
    "added": lazy_gettext("inscrit"),
    "changed": lazy_gettext("changé"),
    "removed": lazy_gettext("retiré"),
    "invited": lazy_gettext("invité"),
    "link_made": lazy_gettext("nouveau lien pour le mot de passe"),
    "second_factor_reset": lazy_gettext("code du téléphone retiré"),
    "provider_untied": lazy_gettext("détaché du fournisseur d'identité"),
    "relays_given": lazy_gettext("autres relais choisis"),
    "closed": lazy_gettext("fermé"),
    "opened": lazy_gettext("ouvert à nouveau"),
    "secret_renewed": lazy_gettext("nouveau secret"),
    "screen_code_made": lazy_gettext("nouveau code du second écran"),
    "softphone_link_made": lazy_gettext("nouveau lien du téléphone"),
    "softphone_link_opened": lazy_gettext("lien du téléphone ouvert, nouveau secret"),
    "enrolment_code_made": lazy_gettext("nouveau code de rattachement"),
    "enrolment_file_made": lazy_gettext("fichier de rattachement"),
    "distances_changed": lazy_gettext("distances changées"),
    "locked_out": lazy_gettext("accès coupé"),
}


class ChangedMeanwhile(DirectoryError):
    """The entry is no longer as the form showed it."""


def refusal(error: DirectoryError | InventoryError) -> str:
    """Say in plain words why nothing was changed, and what to do."""
    match error:
        case LastAdministrator():
            return gettext(
                "C'est le dernier administrateur qui peut se connecter. Invitez-en "
                "d'abord un autre, ou ouvrez son compte."
            )
        case AlreadyThere():
            return gettext("« %(key)s » est déjà inscrit.", key=error.key)
        case StillNeeded():
            return gettext(
                "Retirez ou déplacez d'abord ce qui en dépend : %(what)s.",
                what=", ".join(error.dependants),
            )
        case StillReferenced():
            return _still_referenced(error.kind)
        case ImmovableCounter():
            return gettext(
                "Un guichet ne change pas d'organisme : ses rendez-vous restent à "
                "l'ancien. Ajoutez un guichet à l'autre organisme."
            )
        case OthersTelephone(other=""):
            return gettext(
                "Ce téléphone est celui d'un autre organisme. Choisissez-en un autre."
            )
        case OthersTelephone():
            return gettext(
                "Ce téléphone est déjà celui de %(who)s. Choisissez-en un autre.",
                who=error.other,
            )
        case NotSetUp():
            return gettext(
                "Le serveur n'est pas réglé pour rattacher des bornes : il lui faut "
                "sip_server et sip_ca_file, et des fichiers lisibles (%(what)s).",
                what=str(error),
            )
        case ChangedMeanwhile():
            return gettext(
                "Quelqu'un d'autre a changé cette fiche entre-temps. Ce que vous avez "
                "tapé est gardé : vérifiez-le, puis enregistrez à nouveau."
            )
        case UnknownEntry():
            return gettext("Cette fiche n'existe plus : quelqu'un l'a retirée.")
        case _:
            return gettext(
                "Quelqu'un d'autre a changé les fiches en même temps. Réessayez."
            )


def _still_referenced(kind: Kind) -> str:
    if kind is Kind.USER:
        return gettext(
            "Cette personne a déjà travaillé ici : l'historique la nomme, il reste "
            "complet. Fermez plutôt son compte."
        )
    if kind in (Kind.KIOSK, Kind.COUNSELLOR):
        return gettext(
            "Des rendez-vous passés ou à venir y renvoient : l'historique reste "
            "complet. Coupez plutôt l'accès."
        )
    return gettext(
        "Des rendez-vous, des usagers ou des heures publiées y renvoient : rien n'est "
        "retiré, l'historique reste complet."
    )
