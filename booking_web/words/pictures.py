# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages say of an organisation's mark and a counsellor's photo."""

from flask_babel import LazyString, gettext, lazy_gettext

from booking_web.domain.documents.errors import Refusal

_NO_PICTURE = lazy_gettext(
    "Ce fichier n'est pas une image PNG ou JPEG. Un logo en SVG, en PDF ou dans un autre "
    "format : enregistrez-le d'abord en PNG."
)
_DAMAGED = lazy_gettext(
    "Cette image est abîmée : elle ne peut pas être lue. Choisissez-en un autre "
    "exemplaire."
)
# What can be said of a picture; the others are of documents alone.
REFUSALS: dict[Refusal, LazyString] = {
    Refusal.NOT_A_DOCUMENT: _NO_PICTURE,
    Refusal.EMPTY: lazy_gettext(
        "Cette image est vide : rien n'y est dessiné. Choisissez-en une autre."
    ),
    Refusal.DAMAGED: _DAMAGED,
    Refusal.BOMB: lazy_gettext(
        "Cette image a beaucoup trop de points : 40 millions au plus. Enregistrez-la plus "
        "petite, puis choisissez-la à nouveau."
    ),
}


def no_file_words() -> str:
    """Say that no file was chosen."""
    return gettext("Choisissez d'abord une image.")


def away_words() -> str:
    """Say that the picture could not be looked at now."""
    return gettext(
        "L'image n'a pas pu être lue maintenant. Rien n'est changé. Réessayez dans un "
        "instant."
    )


def small_words(size: tuple[int, int], smallest: int) -> str:
    """Say that a picture would not be sharp, and what to do."""
    return gettext(
        "Cette image est trop petite (%(width)s × %(height)s points) : elle serait floue "
        "sur l'écran. Choisissez-en une d'au moins %(smallest)s points de côté.",
        width=size[0],
        height=size[1],
        smallest=smallest,
    )


def unclear_name_words() -> str:
    """Say why an account may not keep a photo by itself."""
    return gettext(
        "Votre compte ne porte pas le même nom que votre poste, ou deux personnes portent "
        "ce nom : nous ne savons pas sur quels appels montrer la photo. L'administrateur "
        "peut dire quel téléphone est le vôtre, et le responsable de votre organisme "
        "peut ajouter la photo pour vous."
    )


def not_agreed_words() -> str:
    """Say that a photo needs its person's word."""
    return gettext(
        "Sans accord, la photo n'est pas gardée. Cochez la case, puis choisissez l'image "
        "à nouveau."
    )
