# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every sentence that a counsellor reads or a resident hears, in French. Pure."""

from collections.abc import Iterable, Mapping

from device_bridge.call.codes import MAX_COPIES, MAX_NUMBER_DIGITS, Mistake
from device_bridge.call.cues import Cue
from device_bridge.jobs.device_state import DeviceState
from device_bridge.jobs.job import Job, Operation
from device_bridge.jobs.reasons import Reason

ALLOWED = (
    "*1<n>#·imprimer le document n ; *2#·numériser (*21#·A4, *22#·carte, "
    "*23#·chargeur, *24#·photo) ; *3<n>#·photocopier ; *4<n>#·montrer ; "
    "*8<n>#·volume, de 1 à 5 ; *0#·annuler ; *9#·état"
).replace("·", " ")

MISTAKES = {
    Mistake.NO_STAR: "Un code commence par *.",
    Mistake.UNKNOWN_VERB: "Ce code n'existe pas.",
    Mistake.EMPTY: "Ce code est vide.",
    Mistake.NUMBER_MISSING: "Il manque le numéro.",
    Mistake.NUMBER_NOT_WANTED: "Ce code ne prend pas de numéro.",
    Mistake.NUMBER_TOO_LONG: f"Un numéro a {MAX_NUMBER_DIGITS} chiffres au plus.",
    Mistake.NUMBER_ZERO: "Le numéro 0 n'existe pas.",
    Mistake.UNKNOWN_PRESET: "Ce réglage de numérisation n'existe pas.",
    Mistake.TOO_MANY_COPIES: f"{MAX_COPIES} copies au plus.",
    Mistake.UNKNOWN_VOLUME: "Le volume va de 1 à 5.",
    Mistake.NOT_A_DIGIT: "Un code ne contient que des chiffres.",
    Mistake.INCOMPLETE: "Code incomplet : terminez par #.",
}

REASONS = {
    Reason.PAPER_OUT: "L'imprimante n'a plus de papier.",
    Reason.PAPER_JAM: "Bourrage de papier dans l'imprimante.",
    Reason.DOOR_OPEN: "Le capot de l'imprimante est ouvert.",
    Reason.PRINTER_OFFLINE: "L'imprimante ne répond pas : éteinte ou débranchée.",
    Reason.PRINTER_PAUSED: "L'imprimante est en pause.",
    Reason.PRINTER_UNKNOWN: "Cette imprimante n'est pas installée sur la borne.",
    Reason.PRINTER_STOPPED: "L'imprimante est arrêtée.",
    Reason.PRINTER_FAULT: "L'imprimante signale un défaut.",
    Reason.PRINT_SERVICE_DOWN: "Le service d'impression de la borne ne répond pas.",
    Reason.PRINT_SERVICE_RESTARTED: (
        "Le service d'impression a redémarré pendant l'impression : "
        "comptez les feuilles sorties avant de relancer."
    ),
    Reason.TONER_LOW: "L'encre est bientôt épuisée.",
    Reason.TONER_EMPTY: "L'imprimante n'a plus d'encre.",
    Reason.TRAY_MISSING: "Le bac à papier manque.",
    Reason.OUTPUT_FULL: "Le bac de sortie est plein.",
    Reason.JOB_HELD: "L'impression est retenue.",
    Reason.PRINT_TIMEOUT: "L'impression n'a pas abouti à temps, elle est abandonnée.",
    Reason.PRINT_UNCERTAIN: (
        "La borne ne sait pas si l'impression est sortie : "
        "comptez les feuilles avant de relancer."
    ),
    Reason.SCANNER_OFFLINE: "Le scanner ne répond pas : éteint ou débranché.",
    Reason.SCANNER_MISSING: "Aucun scanner n'est installé sur la borne.",
    Reason.SCANNER_BUSY: "Le scanner est occupé.",
    Reason.SCANNER_HUNG: "Le scanner ne répond plus : il a été relancé, réessayez.",
    Reason.SCANNER_FAULT: "Le scanner signale un défaut.",
    Reason.FEEDER_EMPTY: "Le chargeur du scanner est vide.",
    Reason.FEEDER_JAM: "Bourrage de papier dans le chargeur du scanner.",
    Reason.COVER_OPEN: "Le capot du scanner est ouvert.",
    Reason.SHORT_PAGE: "La page a été numérisée en partie seulement.",
    Reason.NO_FEEDER: "Ce scanner n'a pas de chargeur.",
    Reason.TOO_MANY_SCANNED: "Trop de pages en une fois.",
    Reason.DOCUMENT_UNKNOWN: "Ce document n'existe pas.",
    Reason.DOCUMENT_NOT_PDF: "Ce document n'est pas un PDF.",
    Reason.DOCUMENT_DAMAGED: "Ce document est abîmé.",
    Reason.DOCUMENT_ENCRYPTED: "Ce document est protégé par un mot de passe.",
    Reason.DOCUMENT_ACTIVE: "Ce document contient un programme, il n'est pas imprimé.",
    Reason.DOCUMENT_TOO_LARGE: "Ce document est trop volumineux.",
    Reason.DOCUMENT_TOO_LONG: "Ce document a trop de pages.",
    Reason.JOB_UNKNOWN: "Cette opération n'existe pas.",
    Reason.JOB_UNSUPPORTED: "Cette opération n'est pas possible sur cette borne.",
    Reason.SERVER_UNREACHABLE: "Le serveur ne répond pas.",
    Reason.SERVER_REFUSED: "Le serveur a refusé.",
    Reason.CALL_OVER: "L'appel est terminé.",
    Reason.CANCELED_BY_COUNSELLOR: "Annulé à la demande du conseiller.",
    Reason.BRIDGE_RESTARTED: "La borne a redémarré pendant l'opération.",
    Reason.DISK_FULL: "Le disque de la borne est plein.",
    Reason.INTERNAL: "La borne a rencontré une erreur.",
}

# One page, several pages.
VERDICTS = {
    "blank": ("page {pages} vide", "pages {pages} vides"),
    "blurred": ("page {pages} peut-être floue", "pages {pages} peut-être floues"),
    "partial": ("numérisation incomplète", "numérisation incomplète"),
}

NAMES = {
    Operation.PRINT: "Impression",
    Operation.SCAN: "Numérisation",
    Operation.COPY: "Photocopie",
}

VOLUMES = {1: "très bas", 2: "bas", 3: "moyen", 4: "fort", 5: "très fort"}
NO_VOLUME = "Le son de la borne ne se règle pas : son service de son ne répond pas."

SCANNER_STATES = {
    "idle": "prêt",
    "processing": "en cours",
    "stopped": "arrêté",
    "absent": "pas à cette borne",
}
PRINTER_STATES = {**SCANNER_STATES, "idle": "prête", "stopped": "arrêtée"}


def mistake(found: Mistake) -> str:
    """Say what was wrong with a code and which codes there are."""
    return f"{MISTAKES[found]} {ALLOWED}"


def reason(found: Reason) -> str:
    """Say a cause."""
    return REASONS.get(found, "")


def count(number: int, noun: str) -> str:
    """Give `1 page`, `2 pages`: in French zero and one are singular."""
    return f"{number} {noun}{'s' if number > 1 else ''}"


def volume(level: int | None) -> str:
    """Say how loud the kiosk is now; None where nobody knows."""
    if level is None:
        return NO_VOLUME
    return f"Volume de la borne : {level} sur {len(VOLUMES)}, {VOLUMES[level]}."


def waiting(job: Job) -> str:
    """Say that the device does something else first."""
    return f"{NAMES[job.operation]} en attente : l'appareil est occupé."


def printing(job: Job) -> str:
    """Say that a print is under way."""
    what = f" du document {job.document}" if job.document else ""
    copies = f", {job.copies} exemplaires" if job.copies > 1 else ""
    return f"Impression{what} en cours ({count(job.pages, 'page')}{copies})."


def printed(job: Job) -> str:
    """Say that everything was printed."""
    return f"Impression terminée, {count(job.pages * job.copies, 'page')}."


def scanning(page: int) -> str:
    """Say which page is being scanned."""
    return f"Numérisation de la page {page}."


def scanned(pages: int, verdicts: Iterable[str]) -> str:
    """Say that the device did its part, and what to look at."""
    doubts = _verdicts(verdicts)
    return f"Numérisation terminée, {count(pages, 'page')}{doubts}. Envoi en cours."


def scan_kept(found: Reason, pages: int) -> str:
    """Say why a scan ended early and what was kept of it."""
    if not pages:
        return f"Numérisation arrêtée. {reason(found)} Rien n'a été gardé."
    kept = "La page numérisée est gardée"
    if pages > 1:
        kept = f"Les {pages} premières pages sont gardées"
    return f"Numérisation arrêtée à la page {pages + 1}. {reason(found)} {kept}."


def delivered(pages: int, document: int | None, verdicts: Iterable[str]) -> str:
    """Say that the server has the scan."""
    where = f" : document {document}" if document else ""
    return f"Numérisation reçue{where}, {count(pages, 'page')}{_verdicts(verdicts)}."


def delivery_delayed() -> str:
    """Say that a scan is safe but not there yet."""
    return "La numérisation est gardée sur la borne ; l'envoi reprendra tout seul."


def failed(job: Job) -> str:
    """Say why a job came to nothing."""
    return f"{NAMES[job.operation]} impossible. {reason(job.reason)}"


def canceled(job: Job) -> str:
    """Say that a job was given up on request."""
    feminine = {Operation.PRINT: "annulée", Operation.SCAN: "annulée"}
    done = feminine.get(job.operation, "annulée")
    if job.operation is Operation.PRINT and job.page:
        return f"Impression {done} après {count(job.page, 'page')}."
    return f"{NAMES[job.operation]} {done}."


def unknown_document(number: int | None, known: Iterable[int] | None) -> str:
    """Say which documents there are instead."""
    if known is None:
        return f"Le document {number} n'existe pas."
    numbers = sorted(known)
    if not numbers:
        return f"Le document {number} n'existe pas : il n'y a aucun document."
    listed = ", ".join(str(one) for one in numbers)
    return f"Le document {number} n'existe pas. Documents : {listed}."


def shown(document: int, page: int, pages: int, is_seen: bool) -> str:
    """Say which page the resident sees, or that the screen does not show it yet."""
    where = f", page {page} sur {pages}" if pages > 1 else ""
    if is_seen:
        return f"Document {document} montré à l'écran{where}."
    return (
        f"Document {document} envoyé au second écran{where}, "
        "mais l'écran ne l'a pas encore affiché."
    )


def not_shown(found: Reason) -> str:
    """Say why the second screen did not change."""
    return f"Le second écran n'a pas changé. {reason(found)}"


def devices(printer: DeviceState, scanner: DeviceState, busy: Iterable[Job]) -> str:
    """Say how printer and scanner are and what they do."""
    parts = [of_printer(printer), of_scanner(scanner)]
    for job in busy:
        page = f" (page {job.page} sur {job.pages})" if job.pages and job.page else ""
        parts.append(f"{NAMES[job.operation]} en cours{page}.")
    return " ".join(parts)


def of_printer(found: DeviceState) -> str:
    """Say how the printer is."""
    return _device("Imprimante", found, PRINTER_STATES)


def of_scanner(found: DeviceState) -> str:
    """Say how the scanner is."""
    return _device("Scanner", found, SCANNER_STATES)


def _device(name: str, found: DeviceState, states: Mapping[str, str]) -> str:
    text = " ".join(reason(each) for each in found.reasons if reason(each))
    state = states.get(found.state, found.state)
    return f"{name} : {text}" if text else f"{name} : {state}."


NOTHING_TO_CANCEL = "Rien à annuler : les appareils ne font rien."
CANCELING = "Annulation en cours."
QUEUE_FULL = "Trop d'opérations en attente : attendez, ou annulez par *0#."
ALREADY_ASKED = "Déjà demandé : ce code n'est pas exécuté deux fois."
ALREADY_DONE = "Cette opération a déjà été faite : elle n'est pas refaite."
SHOW_CLEARED = "Le second écran ne montre plus de document."
NOTHING_SHOWN = "Rien n'est affiché sur le second écran."
PRINT_RESUMES = "L'impression reprend."
TURN_CARD_COUNSELLOR = "Recto numérisé : faites retourner la carte."
DO_NOT_TOUCH = "Numérisation en cours, ne touchez pas au document."

# What the resident hears; `sip_endpoints/prompts/prompts.tsv` holds the same for the ear.
CUES = {
    Cue.PRINTING: "Impression en cours.",
    Cue.TAKE_PRINT: "Votre document est imprimé. Prenez vos feuilles.",
    Cue.PLACE_DOCUMENT: "Posez votre document sur la vitre.",
    Cue.PLACE_CARD: "Posez votre carte sur la vitre.",
    Cue.LOAD_FEEDER: "Glissez vos feuilles dans le haut de l'appareil.",
    Cue.SCANNING: "L'appareil lit votre papier. N'y touchez pas.",
    Cue.TURN_CARD: "Retournez la carte sur la vitre.",
    Cue.TURN_PAPER: "La page est vide. Retournez votre papier sur la vitre.",
    Cue.SCAN_GOOD: "C'est bon. Vous pouvez reprendre votre papier.",
    Cue.SCAN_AGAIN: "La page est floue. Reposez votre papier, bien à plat.",
    Cue.TAKE_DOCUMENT: "Vous pouvez reprendre votre document.",
    Cue.PROBLEM: "Un instant, le conseiller s'en occupe.",
}


def _verdicts(found: Iterable[str]) -> str:
    """Turn `blank:3` and its like into words, each kind once."""
    pages: dict[str, list[str]] = {}
    for verdict in found:
        name, _, page = verdict.partition(":")
        if name in VERDICTS:
            pages.setdefault(name, []).append(page)
    words = [
        VERDICTS[name][len(numbers) > 1].format(pages=", ".join(numbers))
        for name, numbers in pages.items()
    ]
    return f" ({' ; '.join(words)})" if words else ""
