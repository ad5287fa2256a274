# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the journal's lines say, to the officer and to a resident."""

from collections.abc import Mapping

from flask_babel import LazyString, gettext, lazy_gettext

from booking_web.domain.journal.kinds import ActKind
from booking_web.tables.journal_acts import Act
from booking_web.words.journal_acts import ACTS
from provisioning.database.models import User, UserRole

KINDS: Mapping[ActKind, LazyString] = {
    ActKind.SEEN: lazy_gettext("Consultations"),
    ActKind.CHANGED: lazy_gettext("Ajouts et modifications"),
    ActKind.PRINTED: lazy_gettext("Impressions"),
    ActKind.SCANNED: lazy_gettext("Numérisations"),
    ActKind.SHOWN: lazy_gettext("Affichages sur le second écran"),
    ActKind.ERASED: lazy_gettext("Effacements"),
    ActKind.TOLD: lazy_gettext("Messages et agendas"),
    ActKind.APPOINTMENT: lazy_gettext("Rendez-vous et appels"),
    ActKind.ACCOUNT: lazy_gettext("Comptes et connexions"),
    ActKind.JOURNAL: lazy_gettext("Journal lui-même"),
}
# The office of who acts, as a resident is told it.
_OFFICES: Mapping[str, LazyString] = {
    UserRole.SECRETARY: lazy_gettext("Secrétariat de mairie"),
    UserRole.COUNSELLOR: lazy_gettext("Un conseiller"),
    UserRole.MANAGER: lazy_gettext("Le responsable"),
    UserRole.SUPERVISOR: lazy_gettext("La supervision du service"),
    UserRole.OFFICER: lazy_gettext("Le délégué à la protection des données"),
    UserRole.ADMINISTRATOR: lazy_gettext("L'administrateur du service"),
}
_PROGRAMS: Mapping[str, LazyString] = {
    "dispatcher": lazy_gettext("Le service d'appel"),
    "prune": lazy_gettext("L'effacement automatique"),
    "restore": lazy_gettext("La remise en place d'une sauvegarde"),
    "command": lazy_gettext("Une commande sur le serveur"),
    "provider": lazy_gettext("Le fournisseur d'identité"),
}
_KINDS_OF_ACTORS: Mapping[str, LazyString] = {
    "kiosk": lazy_gettext("Borne"),
    "counsellor": lazy_gettext("Téléphone de conseiller"),
    "client": lazy_gettext("Logiciel"),
}


def act_words(act: str) -> str:
    """Say what was done."""
    return str(ACTS[Act(act)]) if act in ACTS else act


def actor_words(actor: str, users: Mapping[str, User]) -> str:
    """Name who acted, to the officer."""
    if (user := users.get(actor)) is not None:
        return user.name
    if actor in _PROGRAMS:
        return str(_PROGRAMS[actor])
    kind, _, name = actor.partition(":")
    if kind == "user":
        return gettext("Compte retiré nº %(number)s", number=name)
    return f"{_KINDS_OF_ACTORS[kind]} {name}" if kind in _KINDS_OF_ACTORS else actor


def office_words(actor: str, users: Mapping[str, User]) -> str:
    """Say of which office who acted is, to a resident: nobody is named."""
    user = users.get(actor)
    if user is None:
        if actor.startswith("user:"):
            return gettext("Une personne qui ne travaille plus ici")
        return actor_words(actor, users)
    office = str(_OFFICES[user.role])
    place = user.relay or user.organisation
    return f"{office}, {place.name}" if place is not None else office
