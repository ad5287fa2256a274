# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a person places on a form, made regular, and what is wrong with it; pure."""

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from enum import StrEnum

from booking_web.base.resident_text import has_unprintable, normalised
from booking_web.domain.forms.asked import LABEL_LENGTH
from booking_web.domain.forms.description import FieldKind, Page
from booking_web.domain.forms.placed import PlacedField

NAME_LENGTH = 60
ANSWER_LENGTH = 60
MOST_CELLS = 100
# In points; smaller than that nobody writes or ticks.
SMALLEST = 4.0
# A rectangle may stand over the edge by what rounding makes of it.
ROUNDING = 0.5
TICKED = "Oui"
PLACEABLE = tuple(each for each in FieldKind if each is not FieldKind.CHOICE)
# They part names of fields from one another in a PDF, or in our own keys.
_PARTING = re.compile(r"[.#~\[\]]")


class PlacedFault(StrEnum):
    """What is wrong with one placed field. Each has a sentence in `words.placed_fields`."""

    NO_LABEL = "no_label"
    LABEL_TOO_LONG = "label_too_long"
    NAME_TOO_LONG = "name_too_long"
    UNPRINTABLE = "unprintable"
    NOT_PLACEABLE = "not_placeable"
    NO_SUCH_PAGE = "no_such_page"
    NO_NUMBER = "no_number"
    TOO_SMALL = "too_small"
    OUTSIDE = "outside"
    CELLS = "cells"
    # One name for fields of two kinds.
    OTHER_KIND = "other_kind"
    NO_ANSWER = "no_answer"
    ANSWER_TOO_LONG = "answer_too_long"
    ANSWER_TWICE = "answer_twice"
    # That of a field which the PDF has of its own.
    NAME_TAKEN = "name_taken"
    # A choice among one.
    ONE_ANSWER = "one_answer"


def regular(placed: Sequence[PlacedField]) -> list[PlacedField]:
    """Give them with names that a PDF takes, and one label for all places of one field."""
    labels: dict[str, str] = {}
    given = []
    for each in placed:
        key = normalised(_PARTING.sub("-", each.key))
        label = labels.setdefault(key, normalised(each.label))
        ticks = each.kind is FieldKind.BOX
        given.append(
            replace(
                each,
                key=key,
                label=label,
                cells=each.cells if each.kind is FieldKind.COMB else 0,
                value=TICKED if ticks else _answer(each),
                is_required=each.is_required,
            )
        )
    return given


def _answer(placed: PlacedField) -> str:
    return normalised(placed.value) if placed.kind is FieldKind.RADIO else ""


def faults_of(
    placed: Sequence[PlacedField], pages: Sequence[Page], taken: Collection[str] = ()
) -> dict[int, PlacedFault]:
    """Give what is wrong, by the number in `placed`; of regular ones, nothing if empty.

    `taken` are the names of fields that the PDF has of its own.
    """
    faults = {}
    for number, each in enumerate(placed):
        fault = _own_fault(each, pages) or _fault_among(each, number, placed)
        if fault is None and each.key in taken:
            fault = PlacedFault.NAME_TAKEN
        if fault is not None:
            faults[number] = fault
    return faults


def _own_fault(placed: PlacedField, pages: Sequence[Page]) -> PlacedFault | None:
    if not placed.label or not placed.key:
        return PlacedFault.NO_LABEL
    if len(placed.label) > LABEL_LENGTH:
        return PlacedFault.LABEL_TOO_LONG
    if len(placed.key) > NAME_LENGTH:
        return PlacedFault.NAME_TOO_LONG
    if has_unprintable(placed.label + placed.key + placed.value):
        return PlacedFault.UNPRINTABLE
    if placed.kind not in PLACEABLE:
        return PlacedFault.NOT_PLACEABLE
    if placed.kind is FieldKind.COMB and not 1 <= placed.cells <= MOST_CELLS:
        return PlacedFault.CELLS
    if placed.kind is FieldKind.RADIO and not placed.value:
        return PlacedFault.NO_ANSWER
    if len(placed.value) > ANSWER_LENGTH:
        return PlacedFault.ANSWER_TOO_LONG
    page = next((each for each in pages if each.number == placed.page), None)
    return _fault_on(page, placed) if page else PlacedFault.NO_SUCH_PAGE


def _fault_on(page: Page, placed: PlacedField) -> PlacedFault | None:
    place = placed.rectangle
    if place.width < SMALLEST or place.height < SMALLEST:
        return PlacedFault.TOO_SMALL
    is_inside = (
        place.x >= -ROUNDING
        and place.y >= -ROUNDING
        and place.right <= page.width + ROUNDING
        and place.bottom <= page.height + ROUNDING
    )
    return None if is_inside else PlacedFault.OUTSIDE


def _fault_among(
    placed: PlacedField, number: int, all_placed: Sequence[PlacedField]
) -> PlacedFault | None:
    first = next(each for each in all_placed if each.key == placed.key)
    if first.kind is not placed.kind:
        return PlacedFault.OTHER_KIND
    if placed.kind is not FieldKind.RADIO:
        return None
    answers = [each.value for each in all_placed if each.key == placed.key]
    if len(answers) == 1:
        return PlacedFault.ONE_ANSWER
    before = [each.value for each in all_placed[:number] if each.key == placed.key]
    return PlacedFault.ANSWER_TWICE if placed.value in before else None
