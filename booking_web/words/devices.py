# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages say of device jobs and devices: states, causes, presets."""

from flask_babel import LazyString, gettext, lazy_gettext

from booking_web.tables.device_jobs import JobState, Operation, Preset
from booking_web.tables.documents import DeviceJob

OPERATIONS: dict[Operation, LazyString] = {
    Operation.PRINT: lazy_gettext("Impression"),
    Operation.SCAN: lazy_gettext("Numérisation"),
    Operation.COPY: lazy_gettext("Photocopie"),
}
STATES: dict[JobState, LazyString] = {
    JobState.PENDING: lazy_gettext("en attente"),
    JobState.PROCESSING: lazy_gettext("en cours"),
    JobState.COMPLETED: lazy_gettext("terminée"),
    JobState.CANCELED: lazy_gettext("annulée"),
    JobState.ABORTED: lazy_gettext("arrêtée"),
}
# As for appointments: a pictogram and a class of site.css.
LOOKS: dict[JobState, tuple[str, str]] = {
    JobState.PENDING: ("hourglass-split", "calm"),
    JobState.PROCESSING: ("arrow-clockwise", "busy"),
    JobState.COMPLETED: ("check-circle", "live"),
    JobState.CANCELED: ("x-circle", "over"),
    JobState.ABORTED: ("exclamation-triangle", "trouble"),
}
PRESETS: dict[Preset, LazyString] = {
    Preset.AUTO: lazy_gettext(
        "Automatique : le chargeur s'il est plein, sinon la vitre"
    ),
    Preset.A4: lazy_gettext("Une page A4 sur la vitre"),
    Preset.CARD: lazy_gettext("Carte d'identité, recto et verso sur une page"),
    Preset.FEEDER: lazy_gettext("Plusieurs pages dans le chargeur"),
    Preset.PHOTO: lazy_gettext("Photo"),
}
SCANNER_STATES: dict[str, LazyString] = {
    "idle": lazy_gettext("prêt"),
    "processing": lazy_gettext("en cours"),
    "stopped": lazy_gettext("arrêté"),
    # It is to have none.
    "absent": lazy_gettext("pas à cette borne"),
}
# French says it otherwise of a printer than of a scanner.
PRINTER_STATES: dict[str, LazyString] = {
    **SCANNER_STATES,
    "idle": lazy_gettext("prête"),
    "stopped": lazy_gettext("arrêtée"),
}
# The codes of the device bridge (its `reasons.py`), each in words.
REASONS: dict[str, LazyString] = {
    "paper_out": lazy_gettext("L'imprimante n'a plus de papier."),
    "paper_jam": lazy_gettext("Bourrage de papier dans l'imprimante."),
    "door_open": lazy_gettext("Le capot de l'imprimante est ouvert."),
    "printer_offline": lazy_gettext(
        "L'imprimante ne répond pas : éteinte ou débranchée."
    ),
    "printer_paused": lazy_gettext("L'imprimante est en pause."),
    "printer_unknown": lazy_gettext(
        "Cette imprimante n'est pas installée sur la borne."
    ),
    "printer_stopped": lazy_gettext("L'imprimante est arrêtée."),
    "printer_fault": lazy_gettext("L'imprimante signale un défaut."),
    "print_service_down": lazy_gettext(
        "Le service d'impression de la borne ne répond pas."
    ),
    "print_service_restarted": lazy_gettext(
        "Le service d'impression a redémarré : comptez les feuilles avant de relancer."
    ),
    "toner_low": lazy_gettext("L'encre est bientôt épuisée."),
    "toner_empty": lazy_gettext("L'imprimante n'a plus d'encre."),
    "tray_missing": lazy_gettext("Le bac à papier manque."),
    "output_full": lazy_gettext("Le bac de sortie est plein."),
    "job_held": lazy_gettext("L'impression est retenue."),
    "print_timeout": lazy_gettext("L'impression n'a pas abouti à temps."),
    "print_uncertain": lazy_gettext(
        "La borne ne sait pas si l'impression est sortie : comptez les feuilles avant "
        "de relancer."
    ),
    "scanner_offline": lazy_gettext("Le scanner ne répond pas : éteint ou débranché."),
    "scanner_missing": lazy_gettext("Aucun scanner n'est installé sur la borne."),
    "scanner_busy": lazy_gettext("Le scanner est occupé."),
    "scanner_hung": lazy_gettext(
        "Le scanner ne répondait plus : il a été relancé, réessayez."
    ),
    "scanner_fault": lazy_gettext("Le scanner signale un défaut."),
    "feeder_empty": lazy_gettext("Le chargeur du scanner est vide."),
    "feeder_jam": lazy_gettext("Bourrage de papier dans le chargeur du scanner."),
    "cover_open": lazy_gettext("Le capot du scanner est ouvert."),
    "short_page": lazy_gettext("La page a été numérisée en partie seulement."),
    "no_feeder": lazy_gettext("Ce scanner n'a pas de chargeur."),
    "too_many_scanned": lazy_gettext("Trop de pages en une fois."),
    "document_unknown": lazy_gettext("Ce document n'existe pas."),
    "document_not_pdf": lazy_gettext("Ce document n'est pas un PDF."),
    "document_damaged": lazy_gettext("Ce document est abîmé."),
    "document_encrypted": lazy_gettext("Ce document est protégé par un mot de passe."),
    "document_active": lazy_gettext(
        "Ce document contient un programme : il n'est pas imprimé."
    ),
    "document_too_large": lazy_gettext("Ce document est trop volumineux."),
    "document_too_long": lazy_gettext("Ce document a trop de pages."),
    "job_unknown": lazy_gettext("Cette opération n'existe pas."),
    "job_unsupported": lazy_gettext(
        "Cette opération n'est pas possible sur cette borne."
    ),
    "server_unreachable": lazy_gettext("La borne n'a pas pu joindre le serveur."),
    "server_refused": lazy_gettext("Le serveur a refusé la demande de la borne."),
    "call_over": lazy_gettext("L'appel est terminé."),
    "canceled_by_counsellor": lazy_gettext("Annulée à votre demande."),
    "bridge_restarted": lazy_gettext("La borne a redémarré pendant l'opération."),
    "disk_full": lazy_gettext("Le disque de la borne est plein."),
    "internal": lazy_gettext("La borne a rencontré une erreur."),
}


def state_words(job: DeviceJob) -> str:
    """Say how far a job is, in a few words."""
    state = JobState(job.state)
    if state is JobState.PROCESSING and job.page and job.pages:
        return gettext(
            "en cours : page %(page)s sur %(pages)s", page=job.page, pages=job.pages
        )
    if state is JobState.PROCESSING and job.page:
        return gettext("en cours : page %(page)s", page=job.page)
    return str(STATES[state])


def reason_words(codes: str) -> str:
    """Say causes (codes separated by blanks) in sentences; unknown ones are left out."""
    return " ".join(str(REASONS[code]) for code in codes.split() if code in REASONS)


def printer_words(state: str, reasons: str) -> str:
    """Say how the printer is: its causes, or its state."""
    return reason_words(reasons) or str(PRINTER_STATES.get(state, state))


def scanner_words(state: str, reasons: str) -> str:
    """Say how the scanner is, alike."""
    return reason_words(reasons) or str(SCANNER_STATES.get(state, state))


# By level, from the softest on.
VOLUMES: dict[int, LazyString] = {
    1: lazy_gettext("très bas"),
    2: lazy_gettext("bas"),
    3: lazy_gettext("moyen"),
    4: lazy_gettext("fort"),
    5: lazy_gettext("très fort"),
}


def volume_words(level: int) -> str:
    """Say how loud the kiosk is."""
    return gettext(
        "%(level)s sur %(levels)s, %(word)s",
        level=level,
        levels=len(VOLUMES),
        word=VOLUMES[level],
    )
