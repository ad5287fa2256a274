# SPDX-License-Identifier: AGPL-3.0-or-later
"""What became of a file and of its lines, in the reader's language."""

from flask_babel import LazyString, gettext, lazy_gettext

from booking_web.domain.imports.lines import Note, Outcome, Why
from booking_web.domain.imports.reading import FileRefused

OUTCOMES: dict[Outcome, LazyString] = {
    Outcome.NEW: lazy_gettext("Nouveau"),
    Outcome.KNOWN: lazy_gettext("Déjà repris"),
    Outcome.DIFFERENT: lazy_gettext("Déjà repris autrement : rien n'est changé"),
    Outcome.REFUSED: lazy_gettext("Refusé"),
}

_WHY: dict[Why, LazyString] = {
    Why.BROKEN: lazy_gettext(
        "Cette ligne est abîmée : guillemet jamais fermé, colonnes en trop ou "
        "caractères illisibles."
    ),
    Why.NO_REFERENCE: lazy_gettext("La référence manque."),
    Why.REFERENCE_TWICE: lazy_gettext(
        "Cette référence est déjà celle d'une ligne plus haut."
    ),
    Why.NO_NAME: lazy_gettext("Le nom manque."),
    Why.BAD_NAME: lazy_gettext("Le nom ne contient aucune lettre."),
    Why.TOO_LONG: lazy_gettext("Un texte est trop long."),
    Why.UNKNOWN_RELAY: lazy_gettext("Ce relais n'existe pas."),
    Why.UNKNOWN_ORGANISATION: lazy_gettext("Cet organisme n'existe pas."),
    Why.BAD_DAY: lazy_gettext("La date n'est pas lisible : écrivez 24/11/2026."),
    Why.BAD_HOUR: lazy_gettext("L'heure n'est pas lisible : écrivez 9h05 ou 09:05."),
    Why.NO_SUCH_HOUR: lazy_gettext(
        "Cette heure n'existe pas ce jour-là : on passe à l'heure d'été."
    ),
    Why.BAD_MINUTES: lazy_gettext("La durée est un nombre de minutes, de 5 à 480."),
    Why.PAST: lazy_gettext("Cette heure est passée."),
    Why.TOO_FAR: lazy_gettext("Cette date est trop loin : un an au plus."),
    Why.NO_KIOSK: lazy_gettext("Ce relais n'a pas de borne."),
    Why.NO_COUNTER: lazy_gettext("Cet organisme n'a pas de guichet."),
    Why.KIOSK_TAKEN: lazy_gettext("La borne est déjà prise à cette heure."),
    Why.COUNTER_TAKEN: lazy_gettext(
        "Tous les guichets de l'organisme sont pris à cette heure."
    ),
}

_NOTES: dict[Note, LazyString] = {
    Note.HOUR_COMES_TWICE: lazy_gettext(
        "Cette heure vient deux fois ce jour-là : la première est retenue."
    ),
    Note.REASON_UNKNOWN: lazy_gettext(
        "Ce motif n'est pas dans la liste : il est gardé comme précision."
    ),
}


def why_sentence(why: Why) -> str:
    """Say why a line is refused."""
    return str(_WHY[why])


def note_sentence(note: Note) -> str:
    """Say what is good to know of a line that is taken."""
    return str(_NOTES[note])


def refusal_sentence(error: FileRefused) -> str:
    """Say why nothing of a file can be used."""
    if error.code == "empty":
        return gettext("Ce fichier est vide : il faut un titre et au moins une ligne.")
    if error.code == "missing_columns":
        return gettext(
            "Il manque une colonne dans la première ligne : %(columns)s.",
            columns=error.detail,
        )
    if error.code == "double_column":
        return gettext(
            "Deux colonnes ont le même titre : %(column)s.", column=error.detail
        )
    if error.code == "too_long":
        return gettext("Ce fichier a plus de %(most)s lignes.", most=error.detail)
    return gettext(
        "Ce fichier n'est pas un texte. Enregistrez la feuille de calcul au format CSV."
    )
