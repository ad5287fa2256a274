# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages say of drafts: what is not done with one, and what its fields expect."""

from flask_babel import LazyString, gettext, lazy_gettext, ngettext

from booking_web.domain.forms.description import Field, FieldKind
from booking_web.domain.forms.errors import (
    DraftGone,
    FormError,
    FormWithdrawn,
    NobodyToWaitFor,
    NothingToFillIn,
    UnknownField,
    UnknownForm,
)

TROUBLES: dict[type[FormError], LazyString] = {
    UnknownForm: lazy_gettext(
        "Ce formulaire n'est pas dans la bibliothèque de votre organisme. Choisissez-en un "
        "de la liste."
    ),
    FormWithdrawn: lazy_gettext(
        "Ce formulaire vient d'être retiré de la bibliothèque : on ne le commence plus. Les "
        "brouillons déjà commencés peuvent être finis."
    ),
    NothingToFillIn: lazy_gettext(
        "Les champs de ce formulaire ne sont pas encore placés : il ne peut pas être rempli "
        "ici. Demandez-le au responsable de l'organisme."
    ),
    DraftGone: lazy_gettext(
        "Ce brouillon n'est plus dans ce rendez-vous : il a été effacé, ou mis de côté pour "
        "un autre rendez-vous."
    ),
    NobodyToWaitFor: lazy_gettext(
        "La mairie n'a noté qu'un nom pour ce rendez-vous : le brouillon ne serait pas "
        "retrouvé la prochaine fois. Finissez-le maintenant, ou imprimez-le."
    ),
    UnknownField: lazy_gettext(
        "Ce champ n'est pas dans le formulaire. Rechargez la page, puis recommencez."
    ),
}


def draft_trouble(error: FormError) -> str:
    """Say why something is not done with a form or a draft, and what to do."""
    found = next(words for kind, words in TROUBLES.items() if isinstance(error, kind))
    return str(found)


def hint_words(field: Field) -> str:
    """Say what a field expects before anything is typed; empty where nothing special."""
    hints = []
    if field.kind is FieldKind.DATE:
        hints.append(gettext("Par exemple 24/11/2026."))
    if field.kind is FieldKind.COMB:
        hints.append(
            ngettext(
                "%(num)d case, un caractère par case.",
                "%(num)d cases, un caractère par case.",
                field.max_length,
            )
        )
    elif field.max_length and field.kind in (FieldKind.TEXT, FieldKind.MULTILINE):
        hints.append(
            ngettext(
                "%(num)d caractère au plus.",
                "%(num)d caractères au plus.",
                field.max_length,
            )
        )
    if field.is_calculated:
        hints.append(
            gettext("Le formulaire calculait cette valeur : vérifiez-la vous-même.")
        )
    return " ".join(hints)
