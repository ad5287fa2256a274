# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages say of a kiosk's last update, and why it did not go well."""

from collections.abc import Mapping

from flask_babel import LazyString, gettext, lazy_gettext

from booking_web.tables.fleet import KioskUpdate, UpdateState
from booking_web.words.self_tests import cause_for_repair

# Beside the causes of a self-test, by which a new version is judged.
CAUSES: Mapping[str, LazyString] = {
    "interrupted": lazy_gettext("interrompue, par une coupure de courant peut-être"),
    "install_failed": lazy_gettext("l'installation a échoué"),
    "in_call": lazy_gettext("un appel a duré toute la nuit"),
    "no_list": lazy_gettext("le dépôt du serveur ne se lit pas"),
    "list_old": lazy_gettext(
        "ce que le dépôt du serveur annonce date de plus d'une semaine : sur le serveur, "
        "guichet-server check, ligne depot ; s'il est en ordre, quelqu'un retient ce qui "
        "va vers la borne"
    ),
    "no_way": lazy_gettext("ce dont elle a besoin ne se trouve nulle part"),
    "never_judged": lazy_gettext("la borne n'a pas pu la juger en trois démarrages"),
    "not_whole": lazy_gettext("le paquet de la borne est abîmé : dpkg --audit"),
    "restore_failed": lazy_gettext(
        "la version d'avant n'a pas pu être remise : il faut y aller"
    ),
    "would_remove": lazy_gettext("elle aurait supprimé d'autres paquets"),
    "no_download": lazy_gettext("le téléchargement a échoué"),
    "disk_full": lazy_gettext("le disque est presque plein"),
    "keep_failed": lazy_gettext("la version d'avant n'a pas pu être mise de côté"),
    "unit_stopped": lazy_gettext("un service de la borne s'était arrêté"),
    "broken": lazy_gettext("la nouvelle version ne démarrait pas"),
}


def update_words(update: KioskUpdate) -> str:
    """Say how an update ended, short."""
    versions = {"new": update.to_version or "?", "old": update.from_version or "?"}
    match update.state:
        case UpdateState.ROLLED_BACK:
            return gettext("%(new)s essayée, %(old)s remise", **versions)
        case UpdateState.FAILED if not update.to_version:
            return gettext("mises à jour pas lues")
        case UpdateState.FAILED:
            return gettext("%(new)s pas installée", **versions)
        case _:
            return gettext("%(new)s installée", **versions)


def update_cause_words(cause: str) -> str:
    """Say why it did not go well; a cause that is not known by its code."""
    if not cause:
        return gettext("raison inconnue")
    return str(CAUSES[cause]) if cause in CAUSES else cause_for_repair(cause)
