# SPDX-License-Identifier: AGPL-3.0-or-later
"""Proposed boxes that belong together: the two answers of one choice; pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from booking_web.domain.forms.description import FieldKind, Rectangle
from booking_web.domain.forms.labels import question_of, suggested_label
from booking_web.domain.forms.proposed import Found
from booking_web.domain.forms.words_printed import Printed

# Answers of which one excludes the other.
_PAIRS = (
    ("oui", "non"),
    ("m", "f"),
    ("m", "mme"),
    ("madame", "monsieur"),
    ("mme", "mr"),
    ("homme", "femme"),
    ("masculin", "féminin"),
    ("yes", "no"),
)
FARTHEST_ANSWER = 130.0


@dataclass(frozen=True)
class Choice:
    """Two boxes of which one is ticked, and what each says."""

    boxes: tuple[Found, Found]
    answers: tuple[str, str]
    question: str


def choices(
    found: Sequence[Found], words: Sequence[Printed], others: Sequence[Rectangle]
) -> Iterator[Choice]:
    """Give the pairs of boxes on one line that say yes and no, or madam and sir."""
    boxes = sorted(
        (each for each in found if each.kind is FieldKind.BOX),
        key=lambda each: (round(each.rectangle.y), each.rectangle.x),
    )
    told = [suggested_label(each.rectangle, words, others, True) for each in boxes]
    taken: set[int] = set()
    for number, (first, second) in enumerate(zip(boxes, boxes[1:])):
        answers = (told[number], told[number + 1])
        if number in taken or not _are_opposed(answers):
            continue
        near = second.rectangle.x - first.rectangle.right <= FARTHEST_ANSWER
        level = abs(second.rectangle.y - first.rectangle.y) <= 3
        if near and level:
            taken.add(number + 1)
            question = question_of(first.rectangle, words)
            yield Choice((first, second), answers, question)


def _are_opposed(answers: tuple[str, str]) -> bool:
    said = {re.sub(r"\W+$", "", each).lower() for each in answers}
    return any(said == set(pair) for pair in _PAIRS)
