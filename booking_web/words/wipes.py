# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is said of a kiosk that could not be wiped: where something is left, why, what to do."""

from collections.abc import Mapping

from flask_babel import LazyString, gettext, lazy_gettext

from booking_web.tables.wipes import WipeCause, WipePart

PARTS: Mapping[WipePart, LazyString] = {
    WipePart.SCREEN: lazy_gettext("les écrans"),
    WipePart.TELEPHONE: lazy_gettext("le téléphone"),
    WipePart.PRINT: lazy_gettext("la file d'impression"),
    WipePart.SPOOL: lazy_gettext("les scans et les copies"),
    WipePart.TEMPORARY: lazy_gettext("les fichiers provisoires"),
    WipePart.LEDGER: lazy_gettext("le registre des opérations"),
}
CAUSES: Mapping[WipeCause, LazyString] = {
    WipeCause.NOT_DELETABLE: lazy_gettext(
        "un fichier ne se laisse pas effacer : voyez ses droits"
    ),
    WipeCause.READ_ONLY: lazy_gettext(
        "le disque est en lecture seule : il est peut-être usé, remplacez-le"
    ),
    WipeCause.DISK_FULL: lazy_gettext("le disque est plein : faites de la place"),
    WipeCause.STILL_THERE: lazy_gettext(
        "il en reste après l'effacement : redémarrez la borne"
    ),
    WipeCause.SILENT: lazy_gettext(
        "ce qui doit l'effacer ne répond pas : redémarrez la borne"
    ),
    WipeCause.INTERNAL: lazy_gettext(
        "l'effacement s'est arrêté sur une erreur : voyez les journaux de la borne"
    ),
}


def parts_words(failures: str) -> str:
    """Name where something is left; empty where the kiosk only does not answer."""
    parts = dict.fromkeys(part for part, _ in _read(failures))
    return ", ".join(str(PARTS[part]) for part in parts)


def cause_for_secretary(failures: str) -> str:
    """Say to the secretary why nobody is called at the kiosk, and what to do."""
    parts = parts_words(failures)
    if not parts:
        return gettext(
            "La borne n'a pas confirmé que tout est effacé après le dernier rendez-vous. "
            "Personne n'y est appelé d'ici là. Redémarrez-la ; si cela dure, prévenez "
            "l'administrateur."
        )
    return gettext(
        "La borne n'a pas pu tout effacer après le dernier rendez-vous (%(parts)s). "
        "Personne n'y est appelé d'ici là. Redémarrez-la ; si cela dure, prévenez "
        "l'administrateur.",
        parts=parts,
    )


def cause_for_repair(failures: str) -> str:
    """Say to who repairs where something is left, why, and that it ends by itself."""
    told = [
        gettext("%(part)s : %(cause)s.", part=PARTS[part], cause=CAUSES[cause])
        for part, cause in _read(failures)
    ]
    if not told:
        told = [
            gettext("La borne n'a pas dit que tout est effacé : redémarrez-la."),
        ]
    again = gettext(
        "La borne réessaie d'elle-même ; elle est de nouveau appelée dès que tout est effacé."
    )
    return " ".join([*(each[:1].upper() + each[1:] for each in told), again])


def _read(failures: str) -> list[tuple[WipePart, WipeCause]]:
    """Read what the kiosk told; a newer one's words that nobody knows here are left out."""
    found = []
    for each in failures.split():
        part, _, cause = each.partition(":")
        if part in list(WipePart):
            known = WipeCause(cause) if cause in list(WipeCause) else WipeCause.INTERNAL
            found.append((WipePart(part), known))
    return found
