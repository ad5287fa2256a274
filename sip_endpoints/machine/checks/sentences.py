# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the terminal says of each check, in French. Pure."""

from collections.abc import Sequence

from sip_endpoints.machine.checks.check import Check, CheckName, CheckState

NAMES = {
    CheckName.CAMERA: "Caméra",
    CheckName.SOUND: "Son",
    CheckName.SCREENS: "Écrans",
    CheckName.NETWORK: "Réseau",
    CheckName.CLOCK: "Horloge",
    CheckName.CERTIFICATE: "Certificats",
    CheckName.PRINTER: "Imprimante",
    CheckName.SCANNER: "Scanner",
    CheckName.DISK: "Disque",
    CheckName.PHONE: "Téléphone",
    CheckName.MEDIA: "Son et image",
}

CAUSES = {
    "black_picture": "l'image est noire. Ôtez le cache de la caméra, allumez la pièce.",
    "no_camera": "aucune caméra. Branchez-la.",
    "camera_unreadable": "la caméra ne donne pas d'image. Débranchez-la, rebranchez-la.",
    "choice_needed": "plusieurs appareils sont là. Choisissez : guichet-kiosk devices.",
    "no_tone": "le micro n'entend pas le haut-parleur. Vérifiez les branchements et le volume.",
    "no_sound_card": "ni micro ni haut-parleur. Branchez-les.",
    "no_microphone": "aucun micro. Branchez-le.",
    "no_loudspeaker": "aucun haut-parleur. Branchez-le.",
    "sound_stopped": "le service du son ne répond pas (guichet-sound).",
    "one_screen": "un seul écran. Branchez et allumez le second.",
    "no_screen": "aucun écran. Branchez-les et allumez-les.",
    "session_stopped": "la session graphique ne répond pas (guichet-session).",
    "no_browser": "le second écran n'affiche rien (guichet-screen).",
    "no_network": "pas de réseau. Vérifiez le câble.",
    "name_unknown": "le nom du serveur est inconnu. Vérifiez le réseau et le DNS.",
    "no_answer": "le serveur ne répond pas. Vérifiez le réseau et le pare-feu.",
    "loss": "le réseau perd des paquets.",
    "jitter": "le réseau est irrégulier.",
    "slow": "le réseau est lent.",
    "clock_off": "l'horloge n'est pas à l'heure. Mettez-la à l'heure.",
    "certificate_unknown": "le certificat du serveur n'est pas celui qui est attendu.",
    "ends_soon": "un certificat du serveur finit bientôt. Prévenez l'administrateur.",
    "ended": "un certificat du serveur est périmé. Prévenez l'administrateur.",
    "no_paper": "plus de papier. Remettez du papier.",
    "printer_away": "l'imprimante ne répond pas. Allumez-la, vérifiez son câble.",
    "no_printer": "aucune imprimante n'est installée. Allumez-la, puis guichet-kiosk devices.",
    "print_service_down": "le service d'impression ne répond pas (cups).",
    "printer_fault": "l'imprimante signale un défaut. Regardez son écran.",
    "paper_jam": "du papier est coincé dans l'imprimante.",
    "door_open": "un capot de l'imprimante est ouvert.",
    "toner_empty": "l'imprimante n'a plus d'encre.",
    "scanner_away": "le scanner ne répond pas. Allumez-le, vérifiez son câble.",
    "no_scanner": "aucun scanner. Allumez-le, vérifiez son câble.",
    "disk_full": "le disque est presque plein.",
    "not_registered": "le téléphone n'est pas enregistré auprès du serveur.",
    "phone_stopped": "le téléphone ne tourne pas (guichet-phone).",
    "media_not_arriving": (
        "le son ou l'image n'arrivent pas au serveur. Vérifiez que l'UDP sort d'ici, que le"
        " routeur du serveur mène à lui ses ports UDP, et public_address."
    ),
    "media_not_returning": (
        "le son ou l'image du serveur n'arrivent pas ici. Vérifiez que le pare-feu laisse"
        " passer l'UDP."
    ),
    "no_media": (
        "le son ou l'image ne reviennent pas du serveur. Vérifiez que l'UDP sort d'ici, que le"
        " routeur du serveur mène à lui ses ports UDP, et public_address."
    ),
    "media_refused": (
        "l'essai du son et de l'image n'est pas accepté. Recommencez dans une minute."
    ),
    "check_broke": "l'essai lui-même a échoué. Voyez le journal.",
}
_MARKS = {CheckState.OK: "ok  ", CheckState.FAILED: "NON ", CheckState.ABSENT: "--  "}


def lines(checks: Sequence[Check]) -> list[str]:
    """Give one line for each check, as a terminal shows them."""
    return [_line(each) for each in checks]


def missing(checks: Sequence[Check]) -> list[str]:
    """Give a sentence for each thing that failed."""
    return [
        f"{NAMES[each.name]} : {_cause(each)}"
        for each in checks
        if each.state is CheckState.FAILED
    ]


def _line(check: Check) -> str:
    told = {CheckState.OK: "", CheckState.ABSENT: "sans"}.get(
        check.state, _cause(check)
    )
    return f"{_MARKS[check.state]}{NAMES[check.name]}{' : ' if told else ''}{told}"


def _cause(check: Check) -> str:
    return CAUSES.get(check.cause, f"ne marche pas ({check.cause}).")
