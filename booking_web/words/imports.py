# SPDX-License-Identifier: AGPL-3.0-or-later
"""What became of a file and of its lines, in the reader's language."""

from flask_babel import LazyString, gettext, lazy_gettext

from booking_web.domain.imports.lines import Note, Outcome, WhyRefused
from booking_web.domain.imports.reading import FileRefused

OUTCOMES: dict[Outcome, LazyString] = {
    Outcome.NEW: lazy_gettext("Nouveau"),
    Outcome.KNOWN: lazy_gettext("Déjà repris"),
    Outcome.DIFFERENT: lazy_gettext("Déjà repris autrement : rien n'est changé"),
    Outcome.REFUSED: lazy_gettext("Refusé"),
}

_WHY: dict[WhyRefused, LazyString] = {
    WhyRefused.BROKEN: lazy_gettext(
        "Cette ligne est abîmée : guillemet jamais fermé, colonnes en trop ou "
        "caractères illisibles."
    ),
    WhyRefused.NO_REFERENCE: lazy_gettext("La référence manque."),
    WhyRefused.REFERENCE_TWICE: lazy_gettext(
        "Cette référence est déjà celle d'une ligne plus haut."
    ),
    WhyRefused.NO_NAME: lazy_gettext("Le nom manque."),
    WhyRefused.BAD_NAME: lazy_gettext("Le nom ne contient aucune lettre."),
    WhyRefused.TOO_LONG: lazy_gettext("Un texte est trop long."),
    WhyRefused.UNKNOWN_RELAY: lazy_gettext("Ce relais n'existe pas."),
    WhyRefused.UNKNOWN_ORGANISATION: lazy_gettext("Cet organisme n'existe pas."),
    WhyRefused.NOT_FOR_RESIDENTS: lazy_gettext(
        "C'est un service d'interprètes : il ne reçoit pas d'usagers."
    ),
    WhyRefused.UNKNOWN_INTERPRETER: lazy_gettext(
        "Ce service d'interprètes n'existe pas."
    ),
    WhyRefused.BAD_DAY: lazy_gettext("La date n'est pas lisible : écrivez 24/11/2026."),
    WhyRefused.BAD_HOUR: lazy_gettext(
        "L'heure n'est pas lisible : écrivez 9h05 ou 09:05."
    ),
    WhyRefused.NO_SUCH_HOUR: lazy_gettext(
        "Cette heure n'existe pas ce jour-là : on passe à l'heure d'été."
    ),
    WhyRefused.BAD_MINUTES: lazy_gettext(
        "La durée est un nombre de minutes, de 5 à 480."
    ),
    WhyRefused.PAST: lazy_gettext("Cette heure est passée."),
    WhyRefused.TOO_FAR: lazy_gettext("Cette date est trop loin : un an au plus."),
    WhyRefused.NO_KIOSK: lazy_gettext("Ce relais n'a pas de borne."),
    WhyRefused.NO_COUNTER: lazy_gettext("Cet organisme n'a pas de guichet."),
    WhyRefused.KIOSK_TAKEN: lazy_gettext("La borne est déjà prise à cette heure."),
    WhyRefused.COUNTER_TAKEN: lazy_gettext(
        "Tous les guichets de l'organisme sont pris à cette heure."
    ),
    WhyRefused.INTERPRETER_TAKEN: lazy_gettext(
        "Aucun interprète n'est libre à cette heure."
    ),
}

_NOTES: dict[Note, LazyString] = {
    Note.HOUR_COMES_TWICE: lazy_gettext(
        "Cette heure vient deux fois ce jour-là : la première est retenue."
    ),
    Note.REASON_UNKNOWN: lazy_gettext(
        "Ce motif n'est pas dans la liste : il est gardé comme précision."
    ),
    Note.LANGUAGE_UNKNOWN: lazy_gettext(
        "La borne ne parle pas cette langue : elle parlera français."
    ),
    Note.ADDRESS_LEFT_OUT: lazy_gettext(
        "L'adresse n'est pas reprise : il faut une commune et un code postal de cinq "
        "chiffres, ou le pays."
    ),
}


def why_sentence(why: WhyRefused) -> str:
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
