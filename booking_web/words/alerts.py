# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is said of an alert: on the fleet's page, and in the e-mail to who repairs."""

from collections.abc import Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import LazyString, gettext, lazy_gettext, ngettext

from booking_web.tables.alerts import DISUSE, Alert, AlertKind
from booking_web.tables.fleet import UpdateState
from booking_web.words import disuse
from booking_web.words.clock import clock_words
from booking_web.words.fleet import misuse_words, moment_words, size_words
from booking_web.words.self_tests import cause_for_secretary
from booking_web.words.updates import update_cause_words
from booking_web.words.wipes import cause_for_repair

TITLES: Mapping[AlertKind, LazyString] = {
    AlertKind.KIOSK_SILENT: lazy_gettext("borne silencieuse"),
    AlertKind.SELF_TEST_FAILED: lazy_gettext("auto-test en panne"),
    AlertKind.OTHER_MACHINE: lazy_gettext("une autre machine a le jeton de la borne"),
    AlertKind.TOKEN_MISUSED: lazy_gettext("quelqu'un d'autre a le jeton de la borne"),
    AlertKind.CLOCK_WRONG: lazy_gettext("horloge fausse"),
    AlertKind.UPDATE_FAILED: lazy_gettext("mise à jour manquée"),
    AlertKind.SECURITY_OLD: lazy_gettext(
        "les mises à jour de sécurité de Debian n'arrivent plus"
    ),
    AlertKind.NOT_WIPED: lazy_gettext(
        "en panne, le dernier rendez-vous n'est pas effacé"
    ),
    AlertKind.DISK_LOW: lazy_gettext("disque presque plein"),
    AlertKind.CERTIFICATE_ENDS: lazy_gettext("certificat bientôt fini"),
    AlertKind.DISPATCHER_SILENT: lazy_gettext("service d'appel arrêté"),
    AlertKind.BACKUP_OLD: lazy_gettext("sauvegarde trop vieille"),
    AlertKind.JOURNAL_BROKEN: lazy_gettext("le journal n'est pas prouvé entier"),
    AlertKind.SERVER_FAILING: lazy_gettext("le serveur n'est pas en ordre"),
    **disuse.TITLES,
}


def subject_of(alert: Alert) -> str:
    """Name what an alert is about."""
    if alert.kind in DISUSE:
        return disuse.subject_of(alert)
    return alert.subject or gettext("Site")


def title_of(alert: Alert) -> str:
    """Say an alert in a line."""
    return gettext(
        "%(subject)s : %(what)s",
        subject=subject_of(alert),
        what=TITLES[AlertKind(alert.kind)],
    )


def details_of(alert: Alert, zone: ZoneInfo) -> str:
    """Say more about it, where there is more; what cannot be read is left out."""
    try:
        return _DETAILS[AlertKind(alert.kind)](alert.detail, zone)
    except ValueError:
        return ""


def _silent(detail: str, zone: ZoneInfo) -> str:
    moment = moment_words(datetime.fromisoformat(detail), zone)
    return gettext(
        "Vue pour la dernière fois : %(moment)s. Est-elle allumée ? La box répond-elle ?",
        moment=moment,
    )


def _failed(detail: str, _zone: ZoneInfo) -> str:
    pairs = (each.partition(":") for each in detail.split())
    sentences = (cause_for_secretary(name, cause) for name, _, cause in pairs)
    return " ".join(dict.fromkeys(sentences))


def _stranger(detail: str, _zone: ZoneInfo) -> str:
    return gettext(
        "Elle s'est présentée de l'adresse %(address)s, et elle est refusée.",
        address=detail or "?",
    )


def _misused(detail: str, _zone: ZoneInfo) -> str:
    return misuse_words(detail)


def _clock(detail: str, _zone: ZoneInfo) -> str:
    return clock_words(int(detail))


def _update(detail: str, _zone: ZoneInfo) -> str:
    state, version, cause = detail.split(" ")
    why = update_cause_words(cause.strip("-"))
    if state == UpdateState.ROLLED_BACK:
        return gettext(
            "%(version)s essayée, puis retirée : %(why)s", version=version, why=why
        )
    if not version:
        return gettext("Les mises à jour ne se lisent pas : %(why)s", why=why)
    return gettext("%(version)s pas installée : %(why)s", version=version, why=why)


def _security(detail: str, zone: ZoneInfo) -> str:
    what = gettext(
        "Sur la borne : apt update dit pourquoi (souvent un proxy, un pare-feu, ou "
        "/etc/apt/sources.list.d sans debian-security)."
    )
    if detail:
        moment = moment_words(datetime.fromisoformat(detail), zone)
        since = gettext("La dernière liste qu'elle a lue : %(moment)s.", moment=moment)
    else:
        since = gettext("Elle n'en a lu aucune liste.")
    return f"{since} {what}"


def _not_wiped(detail: str, _zone: ZoneInfo) -> str:
    return cause_for_repair(detail)


def _disk(detail: str, _zone: ZoneInfo) -> str:
    return gettext("Il reste %(size)s.", size=size_words(int(detail)))


def _certificate(detail: str, zone: ZoneInfo) -> str:
    moment = moment_words(datetime.fromisoformat(detail), zone)
    return gettext("Il finit : %(moment)s.", moment=moment)


def _dispatcher(_detail: str, _zone: ZoneInfo) -> str:
    return gettext(
        "Aucune borne n'est appelée. Sur le serveur : guichet-server status, puis "
        "guichet-server logs."
    )


def _backup(detail: str, zone: ZoneInfo) -> str:
    if not detail:
        return gettext("Il n'y en a encore aucune.")
    moment = moment_words(datetime.fromisoformat(detail), zone)
    return gettext("La dernière : %(moment)s.", moment=moment)


def _journal(detail: str, zone: ZoneInfo) -> str:
    wrong, last_sound, at = detail.split(" ")
    moment = moment_words(datetime.fromisoformat(at), zone)
    if not int(wrong):
        return gettext(
            "Il n'a plus été vérifié depuis : %(moment)s. Sur le serveur : "
            "guichet-server check, ligne timed_work.",
            moment=moment,
        )
    found = ngettext(
        "%(num)d ligne changée, retirée ou ajoutée ; avant la ligne %(place)s tout est "
        "en ordre. Vu : %(moment)s.",
        "%(num)d lignes changées, retirées ou ajoutées ; avant la ligne %(place)s tout "
        "est en ordre. Vu : %(moment)s.",
        int(wrong),
        place=int(last_sound) + 1,
        moment=moment,
    )
    what = gettext(
        "À faire : ne rien effacer, garder la dernière sauvegarde, puis sur le serveur "
        "guichet-web verify-journal. Après une sauvegarde remise exprès : "
        "docs/operate.md."
    )
    return f"{found} {what}"


def _failing(detail: str, _zone: ZoneInfo) -> str:
    return gettext(
        "En panne : %(names)s. Sur le serveur : guichet-server check dit quoi faire.",
        names=detail.replace(" ", ", "),
    )


_DETAILS: Mapping[AlertKind, Callable[[str, ZoneInfo], str]] = {
    AlertKind.KIOSK_SILENT: _silent,
    AlertKind.SELF_TEST_FAILED: _failed,
    AlertKind.OTHER_MACHINE: _stranger,
    AlertKind.TOKEN_MISUSED: _misused,
    AlertKind.CLOCK_WRONG: _clock,
    AlertKind.UPDATE_FAILED: _update,
    AlertKind.SECURITY_OLD: _security,
    AlertKind.NOT_WIPED: _not_wiped,
    AlertKind.DISK_LOW: _disk,
    AlertKind.CERTIFICATE_ENDS: _certificate,
    AlertKind.DISPATCHER_SILENT: _dispatcher,
    AlertKind.BACKUP_OLD: _backup,
    AlertKind.JOURNAL_BROKEN: _journal,
    AlertKind.SERVER_FAILING: _failing,
    **disuse.DETAILS,
}
