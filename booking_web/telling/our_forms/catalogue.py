# SPDX-License-Identifier: AGPL-3.0-or-later
"""What our forms are called, what each asks, and what the booking knows of it; pure.

Like the forms themselves, all of it is in French: an organisation may change each word.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from booking_web.domain.forms.asked import AskedField, Known
from booking_web.domain.forms.description import FieldKind

_DATE, _SIGNATURE = FieldKind.DATE, FieldKind.SIGNATURE


@dataclass(frozen=True)
class OurForm:
    """A form of ours; `name` is that of its page in `templates/our_forms`.

    `kinds` says what a PDF cannot: then its fields are placed, and can be placed anew.
    """

    name: str
    title: str
    about: str
    asked: tuple[AskedField, ...]
    kinds: Mapping[str, FieldKind]


PROCURATION = OurForm(
    "procuration",
    "Procuration pour une démarche",
    "Une personne en charge une autre de faire une démarche à sa place. Une page, deux "
    "signatures.",
    (
        AskedField(
            "mandant_nom", "Nom et prénom", "Qui donne la procuration", Known.NAME
        ),
        AskedField(
            "mandant_naissance",
            "Date de naissance",
            "Qui donne la procuration",
            Known.BIRTH_DATE,
        ),
        AskedField(
            "mandant_telephone",
            "Téléphone",
            "Qui donne la procuration",
            Known.TELEPHONE,
        ),
        AskedField(
            "mandant_adresse", "Adresse", "Qui donne la procuration", Known.ADDRESS
        ),
        AskedField("mandataire_nom", "Nom et prénom", "Qui la reçoit"),
        AskedField("mandataire_naissance", "Date de naissance", "Qui la reçoit"),
        AskedField("mandataire_telephone", "Téléphone", "Qui la reçoit"),
        AskedField("organisme", "Auprès de quel service", "La démarche"),
        AskedField("demarche", "La démarche, en quelques mots", "La démarche"),
        AskedField("jusquau", "Valable jusqu'au", "La démarche"),
        AskedField("lieu", "Fait à", "Signatures"),
        AskedField("date", "Date du jour", "Signatures", Known.DATE),
        AskedField("signature_mandant", "Signature : qui donne", "Signatures"),
        AskedField("signature_mandataire", "Signature : qui reçoit", "Signatures"),
    ),
    {
        "mandant_naissance": _DATE,
        "mandataire_naissance": _DATE,
        "jusquau": _DATE,
        "date": _DATE,
        "signature_mandant": _SIGNATURE,
        "signature_mandataire": _SIGNATURE,
    },
)

ATTESTATION = OurForm(
    "attestation",
    "Attestation sur l'honneur",
    "Une personne affirme par écrit que quelque chose est vrai. Une page, une signature.",
    (
        AskedField("nom", "Nom et prénom", "Qui atteste", Known.NAME),
        AskedField("naissance", "Date de naissance", "Qui atteste", Known.BIRTH_DATE),
        AskedField("lieu_naissance", "Lieu de naissance", "Qui atteste"),
        AskedField("adresse", "Adresse", "Qui atteste", Known.ADDRESS),
        AskedField(
            "atteste", "Ce qui est attesté, en phrases courtes", "L'attestation"
        ),
        AskedField("pour", "Pour quel service", "L'attestation"),
        AskedField("lieu", "Fait à", "Signature"),
        AskedField("date", "Date du jour", "Signature", Known.DATE),
        AskedField("signature", "Signature", "Signature"),
    ),
    {"naissance": _DATE, "date": _DATE, "signature": _SIGNATURE},
)

RAPPEL = OurForm(
    "rappel",
    "Demande de rappel",
    "Le service rappellera la personne au téléphone. Une page, rien à signer.",
    (
        AskedField("nom", "Nom et prénom", "Qui rappeler", Known.NAME),
        AskedField("telephone", "Téléphone", "Qui rappeler", Known.TELEPHONE),
        AskedField("autre_telephone", "Autre numéro", "Qui rappeler"),
        AskedField("moment.moment", "À quel moment", "Quand"),
        AskedField("pas_le", "Jours ou heures à éviter", "Quand"),
        AskedField("sujet", "Le sujet, en quelques mots", "Pourquoi"),
        AskedField("dossier", "Numéro de dossier", "Pourquoi"),
        AskedField(
            "interprete", "Besoin d'une personne qui parle ma langue", "Pourquoi"
        ),
        AskedField("ecrit", "Je préfère qu'on m'écrive", "Pourquoi"),
        AskedField(
            "conseiller", "Conseiller ou conseillère", "Au relais", Known.COUNSELLOR
        ),
        AskedField("date", "Date du jour", "Au relais", Known.DATE),
        AskedField("relais", "Relais", "Au relais", Known.RELAY),
    ),
    {},
)

OUR_FORMS: Mapping[str, OurForm] = {
    each.name: each for each in (PROCURATION, ATTESTATION, RAPPEL)
}
