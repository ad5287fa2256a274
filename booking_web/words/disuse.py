# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is said of what is there and is not used: what to do about it, and who can."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask_babel import LazyString, gettext, lazy_gettext, ngettext

from booking_web.tables.alerts import DISUSE_OF_KIOSKS, Alert, AlertKind
from booking_web.words.dates import long_date
from booking_web.words.fleet import moment_words

TITLES: Mapping[AlertKind, LazyString] = {
    AlertKind.RELAY_UNUSED: lazy_gettext("relais inutilisé"),
    AlertKind.KIOSK_UNREACHABLE: lazy_gettext("borne injoignable depuis un jour"),
    AlertKind.PAPER_UNCHECKED: lazy_gettext("papier non vérifié"),
    AlertKind.NO_HOURS: lazy_gettext("aucun horaire publié"),
    AlertKind.NO_COUNSELLOR: lazy_gettext("aucun conseiller disponible"),
    AlertKind.CALLS_MISSED: lazy_gettext("appels sans réponse"),
}


def subject_of(alert: Alert) -> str:
    """Name the relay, kiosk or organisation as people know it."""
    name = alert.detail.split(" ", 2)[-1] or alert.subject
    if alert.kind in DISUSE_OF_KIOSKS:
        return f"{name} ({alert.subject})"
    return name


def _relay(detail: str, _zone: ZoneInfo) -> str:
    number, since, _name = detail.split(" ", 2)
    passed = ngettext(
        "Pas un rendez-vous honoré en %(num)d jour d'ouverture.",
        "Pas un rendez-vous honoré en %(num)d jours d'ouverture.",
        int(number),
    )
    return _joined(
        passed,
        _last(since),
        gettext(
            "À faire : vérifier avec la mairie que la borne est allumée et annoncée "
            "(affiche, bulletin), et que des heures libres y sont proposées."
        ),
        _for(gettext("superviseur, administrateur, secrétaire du relais")),
    )


def _unreachable(detail: str, zone: ZoneInfo) -> str:
    _number, since, _name = detail.split(" ", 2)
    moment = moment_words(datetime.fromisoformat(since), zone)
    return _joined(
        gettext(
            "Depuis : %(moment)s. Une journée d'ouverture entière est passée : "
            "personne ne peut y être appelé.",
            moment=moment,
        ),
        gettext(
            "À faire : allumer la borne, rebrancher son câble de réseau, vérifier la "
            "box ; si elle est allumée, prévenir l'administrateur."
        ),
        _for(gettext("administrateur, superviseur, secrétaire du relais")),
    )


def _paper(detail: str, _zone: ZoneInfo) -> str:
    number, since, _name = detail.split(" ", 2)
    passed = ngettext(
        "Personne n'a coché le papier en %(num)d jour d'ouverture.",
        "Personne n'a coché le papier en %(num)d jours d'ouverture.",
        int(number),
    )
    day = long_date(date.fromisoformat(since))
    return _joined(
        passed,
        gettext("La dernière fois : %(day)s.", day=day),
        gettext(
            "À faire : regarder le bac de l'imprimante, puis cocher le papier dans "
            "« Ouverture du matin »."
        ),
        _for(gettext("secrétaire du relais")),
    )


def _hours(detail: str, _zone: ZoneInfo) -> str:
    number, _since, _name = detail.split(" ", 2)
    return _joined(
        ngettext(
            "Aucune heure publiée depuis %(num)d jour ni pour les jours qui viennent : "
            "les mairies ne voient aucune heure libre.",
            "Aucune heure publiée depuis %(num)d jours ni pour les jours qui viennent : "
            "les mairies ne voient aucune heure libre.",
            int(number),
        ),
        gettext("À faire : publier la semaine habituelle, page « Horaires »."),
        _for(gettext("responsable de l'organisme, superviseur")),
    )


def _counsellor(detail: str, _zone: ZoneInfo) -> str:
    number, since, _name = detail.split(" ", 2)
    passed = ngettext(
        "%(num)d jour d'ouverture sans un conseiller disponible.",
        "%(num)d jours d'ouverture sans un conseiller disponible.",
        int(number),
    )
    return _joined(
        passed,
        (
            gettext(
                "Le dernier l'était : %(day)s.",
                day=long_date(date.fromisoformat(since)),
            )
            if since != "-"
            else ""
        ),
        gettext(
            "À faire : demander aux conseillers de se connecter et de quitter la pause, "
            "ou retirer les heures où personne ne répond."
        ),
        _for(gettext("responsable de l'organisme, superviseur, administrateur")),
    )


def _calls(detail: str, _zone: ZoneInfo) -> str:
    number, _since, _name = detail.split(" ", 2)
    return _joined(
        ngettext(
            "%(num)d rendez-vous en une semaine : l'usager a attendu, personne n'a pris "
            "l'appel.",
            "%(num)d rendez-vous en une semaine : l'usager a attendu, personne n'a pris "
            "l'appel.",
            int(number),
        ),
        gettext(
            "À faire : vérifier qui répond aux heures publiées ; rappeler ou replacer "
            "ces rendez-vous."
        ),
        _for(gettext("responsable de l'organisme, superviseur")),
    )


def _last(since: str) -> str:
    if since == "-":
        return gettext("Il n'y en a encore eu aucun.")
    day = long_date(date.fromisoformat(since))
    return gettext("Le dernier : %(day)s.", day=day)


def _for(people: str) -> str:
    return gettext("Pour : %(people)s.", people=people)


def _joined(*sentences: str) -> str:
    return " ".join(each for each in sentences if each)


DETAILS: Mapping[AlertKind, Callable[[str, ZoneInfo], str]] = {
    AlertKind.RELAY_UNUSED: _relay,
    AlertKind.KIOSK_UNREACHABLE: _unreachable,
    AlertKind.PAPER_UNCHECKED: _paper,
    AlertKind.NO_HOURS: _hours,
    AlertKind.NO_COUNSELLOR: _counsellor,
    AlertKind.CALLS_MISSED: _calls,
}
