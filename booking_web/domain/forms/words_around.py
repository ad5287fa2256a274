# SPDX-License-Identifier: AGPL-3.0-or-later
"""The printed words around a place on a page: before, after, above, below; pure.

What they mean for a field is told in `labels`.
"""

import re
from collections.abc import Callable, Sequence

from booking_web.domain.forms.description import Rectangle
from booking_web.domain.forms.words_printed import Printed

# How far words may stand from the field that they are for, in points.
BESIDE_BOX = 25.0
ABOVE = 14.0
BELOW = 8.0
# The head of a table's row or column may stand far from its cell.
HEAD_OF_ROW = 450.0
HEAD_OF_COLUMN = 350.0
# So wide is the head of a column at most, and so little off its middle.
WIDEST_HEAD = 110.0
OFF_MIDDLE = 8.0
# Lines of one sentence stand so near, and a head has so many at most.
LINE_GAP = 4.0
MOST_LINES = 3


def nearest_right(field: Rectangle, words: Sequence[Printed]) -> Printed | None:
    """Give the words that follow a box on its line."""
    beside = [
        (each.rectangle.x - field.right, each)
        for each in words
        if re.search(r"\w", each.text)
        and is_on_its_line(field, each.rectangle)
        and -2 <= each.rectangle.x - field.right <= BESIDE_BOX
    ]
    return min(beside, key=lambda each: each[0])[1] if beside else None


def nearest_left(
    field: Rectangle,
    words: Sequence[Printed],
    others: Sequence[Rectangle],
    farthest: float,
) -> Printed | None:
    """Give the words before a field on its line, none beyond one of `others`."""
    beside = []
    for each in words:
        distance = field.x - each.rectangle.right
        # Words often run into the field a little, under its first letter.
        if not -4 <= distance <= farthest or not re.search(r"\w", each.text):
            continue
        if is_on_its_line(field, each.rectangle) and not _is_between(
            each.rectangle.right, field, others
        ):
            beside.append((distance, each))
    return min(beside, key=lambda each: each[0])[1] if beside else None


def _is_between(start: float, field: Rectangle, others: Sequence[Rectangle]) -> bool:
    """Tell whether another field stands nearer to the words than this one."""
    return any(
        start - 4 <= each.x and each.right <= field.x + 1 and each != field
        for each in others
        if is_on_its_line(field, each)
    )


def is_on_its_line(field: Rectangle, other: Rectangle) -> bool:
    """Tell whether two rectangles stand on one line."""
    overlap = min(field.bottom, other.bottom) - max(field.y, other.y)
    return overlap >= 0.4 * min(field.height, other.height)


def nearest_above(
    field: Rectangle, words: Sequence[Printed], others: Sequence[Rectangle] = ()
) -> Printed | None:
    """Give the words above a field that are not written under another."""
    over = [
        (abs(field.y - each.rectangle.bottom), each)
        for each in words
        if -3 <= field.y - each.rectangle.bottom <= ABOVE
        and each.rectangle.x < field.right
        and each.rectangle.right > field.x
        and not _is_under_another(each.rectangle, field, others)
    ]
    return min(over, key=lambda each: each[0])[1] if over else None


def nearest_below(
    field: Rectangle, words: Sequence[Printed], others: Sequence[Rectangle] = ()
) -> Printed | None:
    """Give the words right under a field that are not written over another."""
    under = [
        (abs(each.rectangle.y - field.bottom), each)
        for each in words
        if -3 <= each.rectangle.y - field.bottom <= BELOW
        and each.rectangle.x < field.right
        and each.rectangle.right > field.x
        and not _is_over_another(each.rectangle, field, others)
    ]
    return min(under, key=lambda each: each[0])[1] if under else None


def _is_under_another(
    words: Rectangle, field: Rectangle, others: Sequence[Rectangle]
) -> bool:
    """Tell whether words are the caption of another field, which stands nearer above them."""
    return any(
        each != field
        and -3 <= words.y - each.bottom < field.y - words.bottom
        and _middles_apart(words, each) <= OFF_MIDDLE
        for each in others
    )


def _is_over_another(
    words: Rectangle, field: Rectangle, others: Sequence[Rectangle]
) -> bool:
    """Tell whether words stand nearer above another field, and begin where it does."""
    return any(
        each != field
        and -3 <= each.y - words.bottom < words.y - field.bottom
        and abs(each.x - words.x) <= OFF_MIDDLE
        for each in others
    )


def is_right_before_another(
    words: Rectangle, field: Rectangle, others: Sequence[Rectangle]
) -> bool:
    """Tell whether another field begins on the words' line where they end."""
    return any(
        each != field
        and is_on_its_line(each, words)
        and -4 <= each.x - words.right <= words.height
        for each in others
    )


def _middles_apart(one: Rectangle, other: Rectangle) -> float:
    return abs(one.x + one.width / 2 - other.x - other.width / 2)


def head_of_row(box: Rectangle, words: Sequence[Printed]) -> Printed | None:
    """Give the words at the beginning of a table's row, whatever stands between."""
    return nearest_left(box, words, (), HEAD_OF_ROW)


def head_of_column(box: Rectangle, words: Sequence[Printed]) -> str:
    """Give the words over a table's column, their lines from above, or nothing."""
    over = [
        each
        for each in words
        if -1 <= box.y - each.rectangle.bottom <= HEAD_OF_COLUMN
        and each.rectangle.width <= WIDEST_HEAD
        and _middles_apart(each.rectangle, box) <= OFF_MIDDLE
        and re.search(r"\w", each.text)
    ]
    if not over:
        return ""
    lines = [max(over, key=lambda each: each.rectangle.bottom)]
    while len(lines) < MOST_LINES:
        top = lines[0].rectangle
        above = [
            each
            for each in over
            if 0 <= top.y - each.rectangle.y
            and -6 <= top.y - each.rectangle.bottom
            and top.y - each.rectangle.bottom <= LINE_GAP
            and each not in lines
        ]
        if not above:
            break
        lines.insert(0, max(above, key=lambda each: each.rectangle.bottom))
    return " ".join(each.text for each in lines)


def line_before(line: Printed, words: Sequence[Printed]) -> Printed | None:
    """Give the line right above that begins or ends where this one does: of the same sentence."""
    return _beside(line, words, lambda each: line.rectangle.y - each.bottom)


def line_after(line: Printed, words: Sequence[Printed]) -> Printed | None:
    """Give the line right below that begins or ends where this one does: of the same sentence."""
    return _beside(line, words, lambda each: each.y - line.rectangle.bottom)


def _beside(
    line: Printed, words: Sequence[Printed], gap: Callable[[Rectangle], float]
) -> Printed | None:
    near = [
        (abs(gap(each.rectangle)), each)
        for each in words
        if each is not line
        and -LINE_GAP <= gap(each.rectangle) <= LINE_GAP
        and (
            abs(each.rectangle.x - line.rectangle.x) <= OFF_MIDDLE
            or abs(each.rectangle.right - line.rectangle.right) <= LINE_GAP
        )
    ]
    return min(near, key=lambda each: each[0])[1] if near else None


def around(parts: Sequence[Rectangle]) -> Rectangle:
    """Give the smallest rectangle around all of these."""
    x, y = min(each.x for each in parts), min(each.y for each in parts)
    right = max(each.right for each in parts)
    bottom = max(each.bottom for each in parts)
    return Rectangle(x, y, round(right - x, 2), round(bottom - y, 2))
