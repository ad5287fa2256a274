# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages call a form's fields: their kinds, limits, and where a label comes from."""

from collections.abc import Sequence

from flask_babel import LazyString, gettext, lazy_gettext, ngettext

from booking_web.domain.forms.description import Field, FieldKind, LabelSource
from booking_web.domain.forms.placed_checks import (
    ANSWER_LENGTH,
    MOST_CELLS,
    NAME_LENGTH,
    PlacedFault,
)
from booking_web.domain.forms.proposed import Why

KINDS: dict[FieldKind, LazyString] = {
    FieldKind.TEXT: lazy_gettext("une ligne de texte"),
    FieldKind.MULTILINE: lazy_gettext("plusieurs lignes de texte"),
    FieldKind.COMB: lazy_gettext("des cases, une par caractère"),
    FieldKind.DATE: lazy_gettext("une date"),
    FieldKind.BOX: lazy_gettext("une case à cocher"),
    FieldKind.RADIO: lazy_gettext("un choix entre plusieurs cases"),
    FieldKind.CHOICE: lazy_gettext("un choix dans une liste"),
    FieldKind.SIGNATURE: lazy_gettext("une signature à la main"),
}

SOURCES: dict[LabelSource, LazyString] = {
    LabelSource.TOOLTIP: lazy_gettext("Libellé donné par le PDF."),
    LabelSource.SUGGESTED: lazy_gettext(
        "Libellé lu à côté du champ sur la page : à vérifier."
    ),
    LabelSource.NAMED: lazy_gettext(
        "Libellé tiré du nom du champ dans le PDF : à vérifier."
    ),
    LabelSource.NAME: lazy_gettext("Aucun libellé dans le PDF : donnez-en un."),
}

WHYS: dict[Why, LazyString] = {
    Why.CELLS: lazy_gettext("des cases côte à côte"),
    Why.BOX: lazy_gettext("un carré"),
    Why.DOTS: lazy_gettext("des pointillés"),
    Why.LINE: lazy_gettext("un trait"),
    Why.FRAME: lazy_gettext("un cadre"),
    Why.WORDS: lazy_gettext("des mots qui attendent une réponse"),
}

FAULTS: dict[PlacedFault, LazyString] = {
    PlacedFault.NO_LABEL: lazy_gettext("dites en quelques mots ce qu'il demande."),
    PlacedFault.LABEL_TOO_LONG: lazy_gettext(
        "son libellé est trop long, raccourcissez-le."
    ),
    PlacedFault.NAME_TOO_LONG: lazy_gettext(
        "son nom est trop long : %(name)s caractères au plus."
    ),
    PlacedFault.UNPRINTABLE: lazy_gettext(
        "un caractère ne peut pas être affiché. Retapez le texte au clavier."
    ),
    PlacedFault.NOT_PLACEABLE: lazy_gettext("choisissez ce qu'il reçoit."),
    PlacedFault.NO_SUCH_PAGE: lazy_gettext("cette page n'est pas dans le formulaire."),
    PlacedFault.NO_NUMBER: lazy_gettext(
        "écrivez sa page, sa place et sa taille en chiffres."
    ),
    PlacedFault.TOO_SMALL: lazy_gettext(
        "il est trop petit pour y écrire : agrandissez-le."
    ),
    PlacedFault.OUTSIDE: lazy_gettext("il sort de la page : rapprochez-le du milieu."),
    PlacedFault.CELLS: lazy_gettext("comptez ses cases : de 1 à %(cells)s."),
    PlacedFault.OTHER_KIND: lazy_gettext(
        "un champ du même nom reçoit autre chose. Donnez-lui un autre nom."
    ),
    PlacedFault.NO_ANSWER: lazy_gettext(
        "dites à quelle réponse sert cette case, par exemple « oui »."
    ),
    PlacedFault.ANSWER_TOO_LONG: lazy_gettext(
        "sa réponse est trop longue : %(answer)s caractères au plus."
    ),
    PlacedFault.ANSWER_TWICE: lazy_gettext(
        "deux cases de ce choix ont la même réponse. Changez-en une."
    ),
    PlacedFault.NAME_TAKEN: lazy_gettext(
        "un champ du PDF a déjà ce nom. Donnez-lui un autre nom."
    ),
    PlacedFault.ONE_ANSWER: lazy_gettext(
        "un choix a deux cases au moins, du même nom. Ajoutez l'autre, ou prenez « une "
        "case à cocher »."
    ),
}


def shown_value(field: Field) -> str:
    """Give what a field holds as a person reads it."""
    texts = {each.value: each.text for each in field.options}
    if field.kind is FieldKind.BOX:
        return gettext("coché")
    return texts.get(field.value) or field.value


def fault_sentence(fault: PlacedFault) -> str:
    """Say what is wrong with a placed field and what to do."""
    return str(FAULTS[fault]) % {
        "name": NAME_LENGTH,
        "cells": MOST_CELLS,
        "answer": ANSWER_LENGTH,
    }


def facts_of(field: Field) -> list[str]:
    """Say what a field takes, where it stands, and what limits it."""
    facts = [str(KINDS[field.kind])]
    facts.append(_pages(sorted({each.page for each in field.places})))
    if field.max_length:
        facts.append(
            ngettext(
                "%(num)s caractère au plus",
                "%(num)s caractères au plus",
                field.max_length,
            )
        )
    if field.options:
        told = ", ".join(each.text or each.value for each in field.options[:8])
        facts.append(gettext("réponses : %(told)s", told=told))
    if field.is_required:
        facts.append(gettext("obligatoire"))
    if field.is_read_only:
        facts.append(gettext("ne se change pas à la main"))
    if field.is_calculated:
        facts.append(gettext("calculé par un programme du PDF, ici à remplir soi-même"))
    return facts


def _pages(numbers: Sequence[int]) -> str:
    told = ", ".join(str(each) for each in numbers)
    return ngettext("page %(told)s", "pages %(told)s", len(numbers), told=told)
