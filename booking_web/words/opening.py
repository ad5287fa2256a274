# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the morning's look at a kiosk says: each step, and what to do where something is wrong."""

from collections.abc import Mapping
from typing import NamedTuple

from flask_babel import LazyString, lazy_gettext

from booking_web.tables.opening_checks import Step


class StepWords(NamedTuple):
    """A step: its name, what is looked at, what to do about a problem, who is told."""

    title: LazyString
    short: LazyString
    look: LazyString
    mend: LazyString
    told: LazyString


_ADMINISTRATOR = lazy_gettext(
    "L'administrateur le lit dès maintenant dans son parc ; si la borne ne peut pas "
    "servir, téléphonez-lui."
)

STEPS: Mapping[Step, StepWords] = {
    Step.KIOSK: StepWords(
        lazy_gettext("La borne est allumée"),
        lazy_gettext("borne"),
        lazy_gettext(
            "Les deux écrans sont allumés et le site dit d'elle qu'elle est prête."
        ),
        lazy_gettext(
            "Allumez-la, rebranchez son câble de réseau, vérifiez la box, attendez "
            "trois minutes."
        ),
        _ADMINISTRATOR,
    ),
    Step.DEVICES: StepWords(
        lazy_gettext("L'image, le son, l'imprimante et le scanner marchent"),
        lazy_gettext("image, son, imprimante ou scanner"),
        lazy_gettext(
            "La borne s'est vérifiée ce matin : rien n'est en panne ci-dessous. "
            "Sinon, faites refaire l'auto-test."
        ),
        lazy_gettext(
            "Faites ce que dit la ligne en panne, puis l'auto-test ; deux fois rouge : "
            "redémarrez la borne."
        ),
        _ADMINISTRATOR,
    ),
    Step.PAPER: StepWords(
        lazy_gettext("Il y a du papier"),
        lazy_gettext("papier"),
        lazy_gettext("Le bac de l'imprimante est au moins à moitié plein, sans pli."),
        lazy_gettext(
            "Remettez du papier A4. Il n'y en a plus : on peut encore appeler, prévenez "
            "l'usager que rien ne s'imprime."
        ),
        _ADMINISTRATOR,
    ),
    Step.GLASS: StepWords(
        lazy_gettext("La vitre du scanner et la caméra sont propres"),
        lazy_gettext("vitre ou caméra"),
        lazy_gettext("Ni trace ni poussière ; un chiffon doux et sec suffit."),
        lazy_gettext(
            "Une vitre rayée ou cassée ne se nettoie pas : ne la touchez plus et "
            "fermez le couvercle."
        ),
        _ADMINISTRATOR,
    ),
    Step.SIGN: StepWords(
        lazy_gettext("L'affiche est sur la porte"),
        lazy_gettext("affiche"),
        lazy_gettext("On la lit de dehors, et ses heures sont encore les bonnes."),
        lazy_gettext("Imprimez-en une nouvelle, page « Affiches »."),
        lazy_gettext("Personne d'autre n'est prévenu : c'est à vous de jouer."),
    ),
}
