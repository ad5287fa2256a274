# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages say of scans that are looked at together: kinds, refusals, how pages lie."""

from datetime import date

from flask_babel import LazyString, format_date, gettext, lazy_gettext

from booking_web.domain.documents.arranging import INTERRUPTED, NoSuchScan
from booking_web.domain.documents.errors import Refusal
from booking_web.domain.documents.keeping import DocumentGone, NoOriginal, SourceGone
from booking_web.domain.documents.keepings import (
    CHANGED,
    FAILED,
    FULL,
    SOURCE_GONE,
    UNAVAILABLE,
)
from booking_web.domain.documents.laid_pages import (
    LaidPage,
    LastPage,
    LayingRefused,
    NoRectangle,
    NoSuchPage,
    TooManyPages,
)
from booking_web.domain.documents.table_lines import BeingKept
from booking_web.words.documents import refusal_sentence

_REFUSALS: dict[type[LayingRefused], LazyString] = {
    BeingKept: lazy_gettext(
        "Ce document est en cours d'enregistrement : attendez la fin. Rien n'a été "
        "changé."
    ),
    NoSuchPage: lazy_gettext("Cette page n'est plus là. Rien n'a été changé."),
    LastPage: lazy_gettext(
        "C'est la dernière page : pour ne rien garder, retirez le document."
    ),
    TooManyPages: lazy_gettext(
        "Cela ferait trop de pages pour un document. Rien n'a été joint."
    ),
    NoRectangle: lazy_gettext(
        "Ce cadre ne laisse rien de la page. Choisissez-en un plus grand."
    ),
    NoSuchScan: lazy_gettext("Ce document n'est plus là. Rien n'a été joint."),
    NoOriginal: lazy_gettext(
        "La numérisation d'origine n'est plus là. Rien n'a été changé."
    ),
    SourceGone: lazy_gettext(
        "Un document dont viennent des pages a été retiré ou changé : retirez ces "
        "pages, ou annulez, puis recommencez. Rien n'a été enregistré."
    ),
    DocumentGone: lazy_gettext("Ce document a été retiré. Rien n'a été fait."),
}

_TROUBLES: dict[str, LazyString] = {
    CHANGED: lazy_gettext(
        "Les pages ont été changées entre-temps : rien n'a été enregistré. Regardez-les, "
        "puis recommencez."
    ),
    SOURCE_GONE: _REFUSALS[SourceGone],
    FULL: lazy_gettext(
        "Le disque du serveur est plein : rien n'a été enregistré. Prévenez "
        "l'administrateur."
    ),
    UNAVAILABLE: lazy_gettext(
        "Le serveur ne peut rien enregistrer en ce moment : le document est resté comme "
        "il était. Réessayez dans un instant."
    ),
    FAILED: lazy_gettext(
        "L'enregistrement n'a pas abouti : le document est resté comme il était. "
        "Réessayez, puis prévenez l'administrateur."
    ),
    INTERRUPTED: lazy_gettext(
        "L'enregistrement a été interrompu : le document est resté comme il était. "
        "Recommencez."
    ),
    Refusal.BOMB: lazy_gettext(
        "Une page demande un travail démesuré : le document est resté comme il était. "
        "Retirez-la, ou refaites-la."
    ),
}


def laying_refusal(error: LayingRefused) -> str:
    """Say why the pages were not laid so, and what to do."""
    return str(_REFUSALS[type(error)])


def changed_by_words(name: str) -> str:
    """Say that somebody else was quicker; `name` is empty where it was oneself."""
    if not name:
        return gettext(
            "Les pages ont été changées dans un autre onglet : les voici. Votre dernier "
            "geste n'a pas été fait."
        )
    return gettext(
        "%(name)s a changé les pages entre-temps : les voici. Votre dernier geste n'a pas "
        "été fait.",
        name=name,
    )


def trouble_words(trouble: str, max_megabytes: int, max_pages: int) -> str:
    """Say why the pages were not kept; empty where nothing went wrong."""
    if not trouble:
        return ""
    if trouble in _TROUBLES:
        return str(_TROUBLES[trouble])
    return refusal_sentence(Refusal(trouble), max_megabytes, max_pages)


def how_it_lies(page: LaidPage) -> str:
    """Say what was done to a page; empty where nothing was."""
    done = []
    if page.turn:
        done.append(
            {
                90: gettext("tournée à droite"),
                180: gettext("renversée"),
                270: gettext("tournée à gauche"),
            }[page.turn]
        )
    if page.crop is not None:
        done.append(gettext("recadrée"))
    return ", ".join(done)


def copy_mark(organisation: str, day: date) -> str:
    """Say what a copy is for, and since when it is one."""
    return gettext(
        "copie pour la %(organisation)s, %(day)s",
        organisation=organisation,
        day=format_date(day, "dd/MM/y"),
    )
