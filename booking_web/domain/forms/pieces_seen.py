# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pieces of writing on a picture, and which of them end with a colon; nothing is read.

Pure: it looks at a picture in shades of grey, and nothing else.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PIL import Image

from booking_web.domain.forms.description import Rectangle
from booking_web.domain.forms.words_printed import Printed

DARK = 140
MAX_MARKS = 6_000
# In points: what is larger is a drawing or a frame, what is smaller is dust.
LARGEST_MARK = 40.0
SMALLEST_MARK = 0.4
# One mark alone is a letter, if it is so high.
LETTER = 4.0
# A gap that parts two pieces, and how far two letters of one may stand out of line.
GAP = 5.0
# The two dots of a colon: their sides, and how far one is over the other.
DOT_SIDES = (0.6, 2.6)
DOTS_APART = (2.2, 6.5)
IN_LINE = 0.7
_RUN = re.compile(rb"\xff+")


@dataclass
class _Mark:
    """What hangs together in ink, in pixels."""

    left: int
    top: int
    right: int
    bottom: int
    # What it turned out to hang together with, further down.
    part_of: "_Mark | None" = None

    @property
    def whole(self) -> "_Mark":
        """Give the mark that it is a part of."""
        mark = self
        while mark.part_of is not None:
            mark = mark.part_of
        return mark

    def take(self, other: "_Mark") -> None:
        """Become both."""
        self.left, self.top = min(self.left, other.left), min(self.top, other.top)
        self.right = max(self.right, other.right)
        self.bottom = max(self.bottom, other.bottom)


def pieces_seen(grey: Image.Image, pixels_per_point: float) -> list[Printed]:
    """Give the pieces; the text of one that ends with a colon is one, else a full stop."""
    marks = sorted(_marks_in_points(grey, pixels_per_point), key=lambda each: each.x)
    pieces: list[list[Rectangle]] = []
    going_on: list[list[Rectangle]] = []
    for mark in marks:
        going_on = [each for each in going_on if _end(each) + GAP >= mark.x]
        piece = next((each for each in going_on if _goes_on(each, mark)), None)
        if piece is None:
            pieces.append([mark])
            going_on.append(pieces[-1])
        else:
            piece.append(mark)
    return [
        Printed(":" if _ends_with_colon(each) else ".", _around(each))
        for each in pieces
        if len(each) > 1 or each[0].height >= LETTER
    ]


def _end(piece: list[Rectangle]) -> float:
    # The last marks are enough: the others are farther to the left.
    return max(each.right for each in piece[-4:])


def _goes_on(piece: list[Rectangle], mark: Rectangle) -> bool:
    near = piece[-4:]
    top, bottom = min(each.y for each in near), max(each.bottom for each in near)
    shared = min(bottom, mark.bottom) - max(top, mark.y)
    # The upper dot of a colon stands within the height of the letters before it.
    return shared > 0.5 * min(mark.height, bottom - top)


def _ends_with_colon(piece: Sequence[Rectangle]) -> bool:
    right = max(each.right for each in piece)
    last = [each for each in piece if each.right > right - DOT_SIDES[1]]
    if len(last) != 2 or not all(_is_dot(each) for each in last):
        return False
    one, other = last
    apart = abs(one.y - other.y)
    is_upright = abs(one.x + one.width / 2 - other.x - other.width / 2) <= IN_LINE
    return is_upright and DOTS_APART[0] <= apart <= DOTS_APART[1]


def _is_dot(mark: Rectangle) -> bool:
    return all(
        DOT_SIDES[0] <= each <= DOT_SIDES[1] for each in (mark.width, mark.height)
    )


def _around(piece: Sequence[Rectangle]) -> Rectangle:
    x, y = min(each.x for each in piece), min(each.y for each in piece)
    right, bottom = (
        max(each.right for each in piece),
        max(each.bottom for each in piece),
    )
    return Rectangle(x, y, round(right - x, 2), round(bottom - y, 2))


def _marks_in_points(grey: Image.Image, scale: float) -> Iterator[Rectangle]:
    for mark in _marks(grey):
        width, height = (
            (mark.right - mark.left) / scale,
            (mark.bottom - mark.top) / scale,
        )
        sides = width, height
        if max(sides) <= LARGEST_MARK and min(sides) >= SMALLEST_MARK:
            yield Rectangle(
                round(mark.left / scale, 2),
                round(mark.top / scale, 2),
                round(width, 2),
                round(height, 2),
            )


def _marks(grey: Image.Image) -> list[_Mark]:
    """Give what hangs together in ink: runs of rows that touch one another."""
    dark = grey.point(lambda shade: 255 if shade < DARK else 0)
    width, height = dark.size
    content = dark.tobytes()
    whole: list[_Mark] = []
    above: list[tuple[int, int, _Mark]] = []
    for row in range(height):
        found = _RUN.finditer(content, width * row, width * (row + 1))
        now: list[tuple[int, int, _Mark]] = []
        for start, end in (each.span() for each in found):
            left, right = start - width * row, end - width * row
            mark = _Mark(left, row, right, row + 1)
            for other in _touched(above, left, right):
                mark = _one(other, mark)
            if mark.top == row:
                whole.append(mark)
            now.append((left, right, mark))
        above = now
        if len(whole) > MAX_MARKS:
            return []
    return [each for each in whole if each.part_of is None]


def _touched(
    above: list[tuple[int, int, _Mark]], left: int, right: int
) -> Iterator[_Mark]:
    first = bisect_right(above, left, key=lambda each: each[1])
    for start, _, mark in above[first:]:
        if start >= right:
            break
        yield mark


def _one(mark: _Mark, other: _Mark) -> _Mark:
    """Make two marks one, that of the first."""
    mark, other = mark.whole, other.whole
    if mark is not other:
        mark.take(other)
        other.part_of = mark
    return mark
