# SPDX-License-Identifier: AGPL-3.0-or-later
"""What counsellors read of their softphones: how to set one up, its settings, the codes."""

from collections.abc import Sequence

from flask_babel import LazyString, gettext, lazy_gettext

from provisioning.bundles.softphone import (
    SRTP_MANDATORY,
    SRTP_OPTIONAL,
    UNENCRYPTED,
    SoftphoneSettings,
    settings_as_lines,
)
from provisioning.database.models import SoftphoneKind

# What a counsellor dials or keys; docs/counsellor.md says more.
CODES: Sequence[tuple[str, LazyString]] = (
    ("*55", lazy_gettext("Pause : plus d'appels, jusqu'à *56")),
    ("*56", lazy_gettext("De nouveau disponible")),
    ("*1…#", lazy_gettext("Pendant l'appel : imprimer le document de ce numéro")),
    ("*2#", lazy_gettext("Numériser (*21# page A4, *22# carte, *23# chargeur)")),
    ("*3…#", lazy_gettext("Photocopier, en tant d'exemplaires")),
    ("*4…#", lazy_gettext("Montrer ce document à l'usager ; *4# l'enlève")),
    ("*0#", lazy_gettext("Tout arrêter à la borne")),
    ("*9#", lazy_gettext("Dire l'état de l'imprimante et du scanner")),
)

SETTINGS: dict[str, LazyString] = {
    "user": lazy_gettext("Nom d'utilisateur"),
    "password": lazy_gettext("Mot de passe"),
    "server": lazy_gettext("Serveur, ou domaine"),
    "port": lazy_gettext("Port"),
    "transport": lazy_gettext("Transport"),
    "media_encryption": lazy_gettext("Chiffrement du son et de l'image"),
    "dtmf": lazy_gettext("Touches (DTMF)"),
    "codecs": lazy_gettext("Codecs"),
}

_VALUES: dict[str, LazyString] = {
    SRTP_MANDATORY: lazy_gettext("SRTP, obligatoire"),
    SRTP_OPTIONAL: lazy_gettext("SRTP, facultatif"),
    UNENCRYPTED: lazy_gettext("aucun"),
}


def settings_in_words(settings: SoftphoneSettings) -> list[tuple[str, str]]:
    """Give each setting by its name, for whoever types them in."""
    return [
        (str(SETTINGS[key]), str(_VALUES.get(value, value)))
        for key, value in settings_as_lines(settings)
    ]


def steps_of(kind: SoftphoneKind) -> list[str]:
    """Say what to do with a link, step by step."""
    if kind is SoftphoneKind.BARESIP:
        return [
            gettext(
                "Sur un ordinateur Debian, installez les paquets baresip-core et "
                "baresip-x11."
            ),
            gettext("Ouvrez ce lien sur cet ordinateur et enregistrez le dossier."),
            gettext("Dépliez-le : unzip, puis lancez baresip/start."),
            gettext("Laissez la fenêtre ouverte : sans elle, rien ne sonne."),
        ]
    return [
        gettext("Installez Linphone (linphone.org), puis ouvrez-le."),
        gettext(
            "Téléphone : choisissez « Scanner un QR code » et visez le carré. "
            "Ordinateur : choisissez « Configuration à distance » et collez le lien."
        ),
        gettext("Attendez que Linphone dise « Connecté »."),
        gettext("Laissez Linphone ouvert : sans lui, rien ne sonne."),
    ]


def typing_steps(settings: SoftphoneSettings) -> list[str]:
    """Say what to do with the sheet of settings, step by step."""
    encryption = (
        gettext("Chiffrement : SRTP « obligatoire ». Touches : SIP INFO.")
        if settings.must_encrypt
        else gettext(
            "Chiffrement : « facultatif », jamais « obligatoire ». Touches : SIP INFO."
        )
    )
    return [
        gettext("Ouvrez votre logiciel de téléphonie, « Ajouter un compte SIP »."),
        gettext("Tapez les réglages ci-dessus, exactement."),
        encryption,
        gettext("Détruisez cette feuille : elle porte votre mot de passe."),
    ]
