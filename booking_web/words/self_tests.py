# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages say of a self-test: each cause for a secretary, and for who repairs.

A secretary reads what she can do. A cause that is not known here, of a newer kiosk, gets a
sentence that sends for the administrator.
"""

from collections.abc import Mapping
from typing import NamedTuple

from flask_babel import LazyString, gettext, lazy_gettext

from booking_web.tables.fleet import CheckState, TestReason

# What each check looks at.
CHECKS: Mapping[str, LazyString] = {
    "camera": lazy_gettext("Caméra"),
    "sound": lazy_gettext("Micro et haut-parleur"),
    "screens": lazy_gettext("Écrans"),
    "network": lazy_gettext("Réseau"),
    "clock": lazy_gettext("Horloge"),
    "certificate": lazy_gettext("Certificat"),
    "printer": lazy_gettext("Imprimante"),
    "scanner": lazy_gettext("Scanner"),
    "disk": lazy_gettext("Disque"),
    "phone": lazy_gettext("Téléphone"),
    "media": lazy_gettext("Son et image"),
}

STATES: Mapping[CheckState, LazyString] = {
    CheckState.OK: lazy_gettext("en ordre"),
    CheckState.FAILED: lazy_gettext("en panne"),
    CheckState.ABSENT: lazy_gettext("pas sur cette borne"),
}

REASONS: Mapping[TestReason, LazyString] = {
    TestReason.ASKED: lazy_gettext("demandé"),
    TestReason.MORNING: lazy_gettext("du matin"),
    TestReason.ENROLMENT: lazy_gettext("après le rattachement"),
    TestReason.UPDATE: lazy_gettext("après une mise à jour"),
}


class Cause(NamedTuple):
    """What is wrong: what a secretary can do, and what the one who "
    "repairs wants to know."""

    for_secretary: LazyString
    for_repair: LazyString


CAUSES: Mapping[str, Cause] = {
    "black_picture": Cause(
        lazy_gettext(
            "La caméra ne voit que du noir : ôtez son cache, allumez la pièce."
        ),
        lazy_gettext("L'image de la caméra est noire."),
    ),
    "no_camera": Cause(
        lazy_gettext("La caméra n'est pas là : rebranchez son câble."),
        lazy_gettext("Aucune caméra n'est trouvée (V4L2)."),
    ),
    "camera_unreadable": Cause(
        lazy_gettext("La caméra ne donne pas d'image : rebranchez son câble."),
        lazy_gettext("La caméra est là, elle ne donne pas d'image."),
    ),
    "choice_needed": Cause(
        lazy_gettext(
            "Plusieurs appareils du même genre sont branchés : prévenez "
            "l'administrateur."
        ),
        lazy_gettext("Il faut choisir un appareil : guichet-kiosk devices."),
    ),
    "no_tone": Cause(
        lazy_gettext(
            "Le micro n'entend pas le haut-parleur : montez le son, rebranchez les "
            "deux."
        ),
        lazy_gettext("Le son joué par le haut-parleur ne revient pas par le micro."),
    ),
    "no_sound_card": Cause(
        lazy_gettext("Le micro et le haut-parleur ne sont pas là : rebranchez-les."),
        lazy_gettext("Aucune carte son n'est trouvée."),
    ),
    "no_microphone": Cause(
        lazy_gettext("Le micro n'est pas là : rebranchez-le."),
        lazy_gettext("Aucune entrée de son n'est trouvée."),
    ),
    "no_loudspeaker": Cause(
        lazy_gettext("Le haut-parleur n'est pas là : rebranchez-le."),
        lazy_gettext("Aucune sortie de son n'est trouvée."),
    ),
    "sound_stopped": Cause(
        lazy_gettext("Le son de la borne est arrêté : redémarrez-la."),
        lazy_gettext("PipeWire ne répond pas (guichet-sound)."),
    ),
    "one_screen": Cause(
        lazy_gettext("Le second écran est éteint : allumez-le."),
        lazy_gettext("Un seul écran est vu."),
    ),
    "no_screen": Cause(
        lazy_gettext("Les deux écrans sont éteints : allumez-les."),
        lazy_gettext("Aucun écran n'est vu."),
    ),
    "session_stopped": Cause(
        lazy_gettext("L'affichage de la borne est arrêté : redémarrez-la."),
        lazy_gettext("La session graphique ne répond pas (guichet-session)."),
    ),
    "no_browser": Cause(
        lazy_gettext("Le second écran reste vide : redémarrez la borne."),
        lazy_gettext("Le navigateur n'affiche rien (guichet-screen)."),
    ),
    "no_network": Cause(
        lazy_gettext(
            "La borne n'a pas de réseau : rebranchez son câble, vérifiez la box."
        ),
        lazy_gettext("Aucune adresse, ou aucune route."),
    ),
    "name_unknown": Cause(
        lazy_gettext(
            "La borne n'atteint pas le serveur : vérifiez la box, puis prévenez "
            "l'administrateur."
        ),
        lazy_gettext("Le nom du serveur n'a pas d'adresse (DNS)."),
    ),
    "no_answer": Cause(
        lazy_gettext(
            "La borne n'atteint pas le serveur : vérifiez la box, puis prévenez "
            "l'administrateur."
        ),
        lazy_gettext("Le serveur ne répond pas."),
    ),
    "refused": Cause(
        lazy_gettext("Le serveur refuse la borne : prévenez l'administrateur."),
        lazy_gettext("Le serveur refuse la connexion."),
    ),
    "loss": Cause(
        lazy_gettext(
            "La connexion est mauvaise, l'image peut se figer : prévenez "
            "l'administrateur."
        ),
        lazy_gettext("Des paquets se perdent entre la borne et le serveur."),
    ),
    "jitter": Cause(
        lazy_gettext(
            "La connexion est irrégulière, le son peut se couper : prévenez "
            "l'administrateur."
        ),
        lazy_gettext("Les délais varient trop entre la borne et le serveur."),
    ),
    "slow": Cause(
        lazy_gettext("La connexion est lente : prévenez l'administrateur."),
        lazy_gettext("L'aller et retour jusqu'au serveur est trop long."),
    ),
    "clock_off": Cause(
        lazy_gettext("La borne n'est pas à l'heure : prévenez l'administrateur."),
        lazy_gettext("L'horloge s'écarte de celle du serveur."),
    ),
    "ends_soon": Cause(
        lazy_gettext(
            "Le certificat du serveur finit bientôt : prévenez l'administrateur."
        ),
        lazy_gettext("Un certificat du serveur n'a pas été renouvelé."),
    ),
    "ended": Cause(
        lazy_gettext("Le certificat du serveur est fini : prévenez l'administrateur."),
        lazy_gettext("Un certificat du serveur n'est plus valable."),
    ),
    "certificate_unknown": Cause(
        lazy_gettext(
            "La borne ne reconnaît pas le serveur : prévenez l'administrateur."
        ),
        lazy_gettext("Le certificat n'est pas de l'autorité que la borne connaît."),
    ),
    "no_paper": Cause(
        lazy_gettext("L'imprimante n'a plus de papier : remettez-en."),
        lazy_gettext("L'imprimante dit media-empty ou media-needed."),
    ),
    "printer_away": Cause(
        lazy_gettext("L'imprimante ne répond pas : allumez-la, rebranchez son câble."),
        lazy_gettext("La file existe, l'imprimante ne répond pas."),
    ),
    "no_printer": Cause(
        lazy_gettext(
            "La borne ne trouve aucune imprimante : allumez-la, puis prévenez "
            "l'administrateur."
        ),
        lazy_gettext("Aucune file d'impression n'est installée."),
    ),
    "print_service_down": Cause(
        lazy_gettext("L'impression est arrêtée : redémarrez la borne."),
        lazy_gettext("CUPS ne répond pas."),
    ),
    "printer_fault": Cause(
        lazy_gettext("L'imprimante signale un défaut : regardez son écran."),
        lazy_gettext("L'imprimante est arrêtée ; voir ses raisons."),
    ),
    "paper_jam": Cause(
        lazy_gettext("Du papier est coincé dans l'imprimante : ôtez-le."),
        lazy_gettext("L'imprimante dit media-jam."),
    ),
    "door_open": Cause(
        lazy_gettext("Un capot de l'imprimante est ouvert : fermez-le."),
        lazy_gettext("L'imprimante dit cover-open ou door-open."),
    ),
    "toner_empty": Cause(
        lazy_gettext("L'imprimante n'a plus d'encre : changez la cartouche."),
        lazy_gettext("L'imprimante dit toner-empty ou marker-supply-empty."),
    ),
    "scanner_away": Cause(
        lazy_gettext("Le scanner ne répond pas : allumez-le, rebranchez son câble."),
        lazy_gettext("Le scanner est trouvé, il ne s'ouvre pas."),
    ),
    "no_scanner": Cause(
        lazy_gettext(
            "La borne ne trouve aucun scanner : allumez-le, rebranchez son câble."
        ),
        lazy_gettext("Aucun scanner n'est trouvé (SANE)."),
    ),
    "disk_full": Cause(
        lazy_gettext("Le disque de la borne est plein : prévenez l'administrateur."),
        lazy_gettext("Le disque est presque plein."),
    ),
    "not_registered": Cause(
        lazy_gettext(
            "Le téléphone de la borne n'est pas connecté : redémarrez-la, puis "
            "prévenez l'administrateur."
        ),
        lazy_gettext("Le téléphone ne s'enregistre pas chez Asterisk."),
    ),
    "phone_stopped": Cause(
        lazy_gettext("Le téléphone de la borne est arrêté : redémarrez-la."),
        lazy_gettext("Le téléphone ne tourne pas (guichet-phone)."),
    ),
    "media_not_arriving": Cause(
        lazy_gettext("Son et image ne passent pas : prévenez l'administrateur."),
        lazy_gettext(
            "Le son ou l'image de la borne n'arrivent pas à Asterisk : le routeur du "
            "serveur mène-t-il à lui les ports UDP, public_address est-elle la bonne, le "
            "pare-feu de la borne laisse-t-il sortir l'UDP ?"
        ),
    ),
    "media_not_returning": Cause(
        lazy_gettext(
            "Le son et l'image n'arrivent pas à la borne : prévenez l'administrateur."
        ),
        lazy_gettext(
            "Asterisk reçoit son et image, rien n'en revient à la borne : le pare-feu "
            "de la borne ou du serveur arrête l'UDP."
        ),
    ),
    "no_media": Cause(
        lazy_gettext("Son et image ne passent pas : prévenez l'administrateur."),
        lazy_gettext(
            "Le son ou l'image ne reviennent pas, et Asterisk n'a pas dit ce qu'il reçoit : "
            "ports UDP du serveur, public_address, pare-feu de la borne."
        ),
    ),
    "media_refused": Cause(
        lazy_gettext(
            "L'essai du son et de l'image n'a pas pu se faire : refaites l'auto-test, "
            "puis prévenez l'administrateur."
        ),
        lazy_gettext(
            "L'appel d'essai n'a pas abouti ; voir son code, et le journal d'Asterisk."
        ),
    ),
    "check_broke": Cause(
        lazy_gettext(
            "Une vérification n'a pas fini : refaites l'auto-test, puis prévenez "
            "l'administrateur."
        ),
        lazy_gettext("La vérification elle-même a échoué ; voir le journal."),
    ),
}


def name_of(check: str) -> str:
    """Name what a check looks at; a check of a newer kiosk by its own name."""
    return str(CHECKS.get(check, check))


def cause_for_secretary(check: str, cause: str) -> str:
    """Say what is wrong and what a secretary can do."""
    known = CAUSES.get(cause)
    if known is not None:
        return str(known.for_secretary)
    if check in CHECKS:
        return gettext(
            "%(what)s : quelque chose ne va pas. Prévenez l'administrateur.",
            what=name_of(check),
        )
    return gettext("La borne signale un problème. Prévenez l'administrateur.")


def cause_for_repair(cause: str) -> str:
    """Say what is wrong to the one who repairs; a cause that is not known "
    "by its code."""
    known = CAUSES.get(cause)
    return str(known.for_repair) if known is not None else cause
