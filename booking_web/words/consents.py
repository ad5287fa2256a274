# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a resident is told and asked before the call, and what is said of the answer."""

from flask_babel import LazyString, gettext, lazy_gettext

from booking_web.domain.consents.answers import Standing
from booking_web.tables.consents import ConsentAnswer

# One short sentence a line: whoever cannot read hears it, and a screen holds it.
DEFAULT_TEXT = lazy_gettext(
    "L'appel par vidéo n'est pas enregistré.\n"
    "Le conseiller peut numériser vos papiers. Ils sont gardés, puis effacés.\n"
    "Une autre personne ou un autre organisme peut vous aider.\n"
    "Vous pouvez dire non : on vous aide, sans rien numériser.\n"
    "Vous pouvez changer d'avis à tout moment.\n"
    "Vous pouvez demander à voir ou à effacer ce qui est gardé."
)
QUESTION = lazy_gettext("Êtes-vous d'accord ?")
STANDINGS: dict[Standing, LazyString] = {
    Standing.NOT_ASKED: lazy_gettext("Accord pas encore demandé"),
    Standing.AGREED: lazy_gettext("L'usager est d'accord"),
    Standing.OUTDATED: lazy_gettext("Le texte a changé : demandez l'accord à nouveau"),
    Standing.REFUSED: lazy_gettext("L'usager n'est pas d'accord"),
    Standing.WITHDRAWN: lazy_gettext("L'usager a retiré son accord"),
}
ANSWERS: dict[ConsentAnswer, LazyString] = {
    ConsentAnswer.AGREED: lazy_gettext("d'accord"),
    ConsentAnswer.REFUSED: lazy_gettext("pas d'accord"),
    ConsentAnswer.WITHDRAWN: lazy_gettext("accord retiré"),
}


def what_follows() -> str:
    """Say what is not done where the resident does not agree."""
    return gettext(
        "Rien n'est numérisé, aucune image de l'appel n'est gardée, personne n'est "
        "invité dans l'appel (qui y était invité le quitte ; l'interprète réservé "
        "reste), et l'appel n'est pas passé à un autre organisme."
    )


def refused_words(_error: object = None) -> str:
    """Say why nothing was done."""
    return gettext(
        "L'usager n'est pas d'accord : rien n'a été fait. S'il change d'avis, notez-le "
        "dans « Accord de l'usager »."
    )
