# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages and programs are told of a postal address that cannot be kept."""

from flask_babel import LazyString, lazy_gettext

from booking_web.domain.residents.postal import LONGEST, AddressFault, Part

ADDRESS_FAULTS: dict[AddressFault, LazyString] = {
    AddressFault.UNPRINTABLE: lazy_gettext(
        "Ce texte contient des caractères illisibles. Retapez-le à la main."
    ),
    AddressFault.TOO_LONG: lazy_gettext(
        "Cette partie de l'adresse est trop longue : %(most)s caractères au plus."
    ),
    AddressFault.TOO_MANY_LINES: lazy_gettext(
        "La rue tient sur deux lignes au plus : mettez le reste sur la même ligne."
    ),
    AddressFault.NO_FRENCH_POSTCODE: lazy_gettext(
        "Un code postal a cinq chiffres, par exemple 02120. Pour une adresse à "
        "l'étranger, écrivez aussi le pays."
    ),
    AddressFault.NO_POSTCODE: lazy_gettext(
        "Ce code postal n'est pas possible. Écrivez-le avec des lettres et des chiffres."
    ),
    AddressFault.NO_COMMUNE: lazy_gettext(
        "Écrivez aussi la commune : sans elle, l'adresse ne sert à rien."
    ),
}


def address_sentence(part: Part, fault: AddressFault) -> str:
    """Say why a part is not kept and what to do; what was typed is not repeated."""
    return str(ADDRESS_FAULTS[fault]) % {"most": LONGEST[part]}
