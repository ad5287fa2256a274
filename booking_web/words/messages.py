# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages call messages, their states, and why one did not go out."""

from flask_babel import LazyString, lazy_gettext

from booking_web.tables.messages import Channel, MessageKind, MessageState, Trouble
from booking_web.words.appointments import StateWording

KINDS: dict[MessageKind, LazyString] = {
    MessageKind.BOOKED: lazy_gettext("Confirmation"),
    MessageKind.RESCHEDULED: lazy_gettext("Changement d'heure ou de lieu"),
    MessageKind.CANCELLED: lazy_gettext("Annulation"),
    MessageKind.REMINDER: lazy_gettext("Rappel 48 heures avant"),
}

CHANNELS: dict[Channel, LazyString] = {
    Channel.EMAIL: lazy_gettext("E-mail"),
    Channel.SMS: lazy_gettext("SMS"),
}

STATES: dict[MessageState, StateWording] = {
    MessageState.WAITING: StateWording(
        lazy_gettext("À envoyer"), "hourglass-split", "busy"
    ),
    MessageState.SENT: StateWording(lazy_gettext("Envoyé"), "check-circle", "ready"),
    MessageState.DROPPED: StateWording(lazy_gettext("Pas envoyé"), "x-circle", "over"),
    MessageState.GIVEN_UP: StateWording(
        lazy_gettext("Échec"), "exclamation-octagon", "trouble"
    ),
}

TROUBLES: dict[str, LazyString] = {
    Trouble.SERVER_UNREACHABLE: lazy_gettext("Le serveur d'envoi ne répond pas."),
    Trouble.SERVER_REFUSES_US: lazy_gettext(
        "Le serveur d'envoi refuse notre mot de passe. Prévenez l'administrateur."
    ),
    Trouble.NO_ENCRYPTION: lazy_gettext(
        "Le serveur d'envoi n'est pas sûr : rien ne lui est confié. "
        "Prévenez l'administrateur."
    ),
    Trouble.SERVER_BUSY: lazy_gettext("Le serveur demande de réessayer plus tard."),
    Trouble.ADDRESS_REFUSED: lazy_gettext(
        "Cette adresse n'existe pas. Corrigez-la, puis réessayez."
    ),
    Trouble.MESSAGE_REFUSED: lazy_gettext(
        "Le serveur refuse ce message. Téléphonez à l'usager."
    ),
    Trouble.SPOOL_UNWRITABLE: lazy_gettext(
        "Le programme qui envoie les SMS ne prend plus rien. Prévenez l'administrateur."
    ),
    Trouble.ADDRESS_GONE: lazy_gettext("L'usager n'a plus d'adresse."),
    Trouble.CHANNEL_OFF: lazy_gettext(
        "Cet envoi n'est pas installé. Téléphonez à l'usager."
    ),
    Trouble.SUPERSEDED: lazy_gettext("Le rendez-vous a changé entre-temps."),
    Trouble.RESTRICTED: lazy_gettext("Les données de l'usager sont sous limitation."),
    Trouble.TOO_LATE: lazy_gettext("L'heure du rendez-vous est passée."),
    Trouble.INTERNAL: lazy_gettext(
        "Le message n'a pas pu être écrit. Prévenez l'administrateur."
    ),
}


def trouble_sentence(code: str) -> LazyString | str:
    """Say in plain words why a message did not go out; empty for no reason."""
    return TROUBLES.get(code, "")
