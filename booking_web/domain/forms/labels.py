# SPDX-License-Identifier: AGPL-3.0-or-later
"""Suggests a field's label from the words printed beside it: left, above, or below.

A suggestion only: a person looks at each before a form is used.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from booking_web.domain.forms.description import (
    Field,
    FieldKind,
    LabelSource,
    Option,
    Place,
    Rectangle,
)
from booking_web.domain.forms.words_printed import Printed

LONGEST_LABEL = 80
# How far words may stand from the field that they are for, in points.
BESIDE_BOX = 25.0
LEFT_OF_TEXT = 160.0
ABOVE = 14.0
BELOW = 8.0
# So much nearer words must stand to be taken instead of those expected.
CLEARLY = 2.0
_TICKED = (FieldKind.BOX, FieldKind.RADIO)
WordsAt = Callable[[Place], str]


def with_labels(
    fields: Sequence[Field], printed: dict[int, list[Printed]]
) -> tuple[Field, ...]:
    """Give the fields, with a suggestion where no tooltip says what they are."""
    others: dict[int, list[Rectangle]] = {}
    for field in fields:
        for place in field.places:
            others.setdefault(place.page, []).append(place.rectangle)
    return tuple(_with_label(field, printed, others) for field in fields)


def _with_label(
    field: Field,
    printed: dict[int, list[Printed]],
    others: dict[int, list[Rectangle]],
) -> Field:
    def words_at(place: Place) -> str:
        words = [each for each in printed.get(place.page, ()) if each.text]
        return suggested_label(
            place.rectangle, words, others[place.page], field.kind in _TICKED
        )

    if field.kind in _TICKED:
        field = replace(field, options=_with_texts(field, words_at))
    if field.label_source is not LabelSource.NAME:
        return field
    label = words_at(field.places[0])
    if field.kind is FieldKind.RADIO and len(field.options) > 1:
        label = " / ".join(each.text for each in field.options if each.text)
    if not label:
        return field
    label = label[:LONGEST_LABEL]
    return replace(field, label=label, label_source=LabelSource.SUGGESTED)


def _with_texts(field: Field, words_at: WordsAt) -> tuple[Option, ...]:
    texts: dict[str, str] = {}
    for place in field.places:
        texts.setdefault(place.value, words_at(place))
    own = {each.text for each in field.options if each.text}
    # One tooltip for all choices is that of the question, not of an answer.
    are_told = len(own) == len(field.options) and all(own)
    return tuple(
        each if are_told else Option(each.value, texts[each.value])
        for each in field.options
    )


def suggested_label(
    field: Rectangle,
    words: Sequence[Printed],
    others: Sequence[Rectangle],
    is_box: bool,
) -> str:
    """Give the words that are probably the field's label, or nothing."""
    if is_box:
        found = _nearest_to_box(field, words, others)
    else:
        under = _nearest_below(field, words)
        if under is not None and under.text.endswith(":"):
            # What a colon asks for is written after it, not above it.
            under = None
        found = under if under and _is_caption(field, under.rectangle) else None
        found = found or _nearest_left(field, words, others, LEFT_OF_TEXT)
        found = found or _nearer(field, _nearest_above(field, words), under)
    return _tidy(found.text) if found else ""


def _nearest_to_box(
    field: Rectangle, words: Sequence[Printed], others: Sequence[Rectangle]
) -> Printed | None:
    """Give the words after a box, or those before it where they are clearly nearer."""
    right = _nearest_right(field, words)
    left = _nearest_left(field, words, others, BESIDE_BOX)
    if right is None or left is None:
        return right or left
    after = right.rectangle.x - field.right
    return left if field.x - left.rectangle.right + CLEARLY < after else right


def _is_caption(field: Rectangle, words: Rectangle) -> bool:
    """Tell whether words stand centred under a field, as those of a comb do."""
    apart = abs(words.x + words.width / 2 - field.x - field.width / 2)
    return apart <= max(field.width / 8, 4.0) and words.y - field.bottom <= ABOVE / 2


def _nearer(
    field: Rectangle, above: Printed | None, below: Printed | None
) -> Printed | None:
    if above is None or below is None:
        return above or below
    over = abs(field.y - above.rectangle.bottom)
    return above if over <= abs(below.rectangle.y - field.bottom) + CLEARLY else below


def _nearest_right(field: Rectangle, words: Sequence[Printed]) -> Printed | None:
    beside = [
        (each.rectangle.x - field.right, each)
        for each in words
        if _is_on_its_line(field, each.rectangle)
        and -2 <= each.rectangle.x - field.right <= BESIDE_BOX
    ]
    return min(beside, key=lambda each: each[0])[1] if beside else None


def _nearest_left(
    field: Rectangle,
    words: Sequence[Printed],
    others: Sequence[Rectangle],
    farthest: float,
) -> Printed | None:
    beside = []
    for each in words:
        distance = field.x - each.rectangle.right
        # Words often run into the field a little, under its first letter.
        if not -4 <= distance <= farthest or not re.search(r"\w", each.text):
            continue
        if _is_on_its_line(field, each.rectangle) and not _is_between(
            each.rectangle.right, field, others
        ):
            beside.append((distance, each))
    return min(beside, key=lambda each: each[0])[1] if beside else None


def _is_between(start: float, field: Rectangle, others: Sequence[Rectangle]) -> bool:
    """Tell whether another field stands nearer to the words than this one."""
    return any(
        start - 4 <= each.x and each.right <= field.x + 1 and each != field
        for each in others
        if _is_on_its_line(field, each)
    )


def _is_on_its_line(field: Rectangle, other: Rectangle) -> bool:
    overlap = min(field.bottom, other.bottom) - max(field.y, other.y)
    return overlap >= 0.4 * min(field.height, other.height)


def _nearest_above(field: Rectangle, words: Sequence[Printed]) -> Printed | None:
    over = [
        (abs(field.y - each.rectangle.bottom), each)
        for each in words
        if -3 <= field.y - each.rectangle.bottom <= ABOVE
        and each.rectangle.x < field.right
        and each.rectangle.right > field.x
    ]
    return min(over, key=lambda each: each[0])[1] if over else None


def _nearest_below(field: Rectangle, words: Sequence[Printed]) -> Printed | None:
    under = [
        (abs(each.rectangle.y - field.bottom), each)
        for each in words
        if -3 <= each.rectangle.y - field.bottom <= BELOW
        and each.rectangle.x < field.right
        and each.rectangle.right > field.x
    ]
    return min(under, key=lambda each: each[0])[1] if under else None


def _tidy(text: str) -> str:
    tidy = re.sub(r"[\s:.…_/*]+$", "", text)
    return re.sub(r"^[\s.,…_•□☐-]+", "", tidy)[:LONGEST_LABEL].strip()
