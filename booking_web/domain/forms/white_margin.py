# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where a page has white room for its mark, as it is seen.

An importer of pypdfium2; run it in a process of its own: the page may be a stranger's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

import pypdfium2
from PIL import Image, ImageDraw

from booking_web.domain.forms.description import Rectangle

MODULES = 25
# White modules around the code: ISO/IEC 18004 asks for four, readers do with three.
QUIET = 3
POINTS_PER_MM = 72 / 25.4
# From the size that every scanner reads down to what 150 dots per inch still show.
MODULE_SIZES_MM = (0.5, 0.45, 0.42)
LETTERS = 5.0
WORDS_WIDTH = 40.0
WORDS_HEIGHT = 2 * LETTERS + 3
# What a printer does not reach; the quiet zone may stand in it.
EDGE = 13.0
# Fainter than this is paper.
PAPER = 245
STEP = 3


@dataclass(frozen=True)
class MarkPlace:
    """Where a mark stands, in points from the page's upper left corner, y down."""

    code: Rectangle
    # The lower left corner of each line of characters.
    lines: tuple[tuple[float, float], tuple[float, float]]


def mark_place(
    page: pypdfium2.PdfPage, kept_free: Sequence[Rectangle]
) -> MarkPlace | None:
    """Give room for a mark outside `kept_free`; None where there is none.

    The middles of the edges are preferred: the corners of a page that lies askew are
    beyond the glass.
    """
    drawn: Image.Image = page.render(scale=1, grayscale=True).to_pil()
    ink = drawn.convert("L").point(lambda shade: 0 if shade >= PAPER else 1)
    pencil = ImageDraw.Draw(ink)
    for each in kept_free:
        pencil.rectangle((each.x - 3, each.y - 3, each.right + 3, each.bottom + 3), 1)
    white = _White(ink)
    for module_mm in MODULE_SIZES_MM:
        module = module_mm * POINTS_PER_MM
        for is_beside in (False, True):
            block = _Block(module, is_beside)
            for x, y in _spots(*ink.size, block):
                if white.at(x, y, block.width, block.height):
                    return block.at(x, y)
    return None


class _Block:
    """A code with its white zone, and the characters below or beside it."""

    def __init__(self, module: float, is_beside: bool) -> None:
        self._code = module * MODULES
        self.quiet = module * QUIET
        self._is_beside = is_beside
        zone = self._code + 2 * self.quiet
        self.width = zone + (WORDS_WIDTH if is_beside else 0)
        self.height = zone + (0 if is_beside else WORDS_HEIGHT)

    def at(self, x: float, y: float) -> MarkPlace:
        code = Rectangle(x + self.quiet, y + self.quiet, self._code, self._code)
        if self._is_beside:
            left, below = code.right + self.quiet, code.y + LETTERS
        else:
            left, below = code.x, code.bottom + self.quiet + LETTERS
        return MarkPlace(code, ((left, below), (left, below + LETTERS + 1)))


class _White:
    """Tells quickly whether a part of a picture is without ink (summed areas)."""

    def __init__(self, ink: Image.Image) -> None:
        self._size = width, height = ink.size
        content = ink.tobytes()
        self._sums = [[0] * (width + 1)]
        for row in range(height):
            line = accumulate(content[row * width : (row + 1) * width], initial=0)
            above = self._sums[-1]
            self._sums.append([one + other for one, other in zip(line, above)])

    def at(self, x: float, y: float, width: float, height: float) -> bool:
        left, top = int(x), int(y)
        right = min(int(x + width) + 1, self._size[0])
        bottom = min(int(y + height) + 1, self._size[1])
        sums = self._sums
        return (
            sums[bottom][right]
            - sums[top][right]
            - sums[bottom][left]
            + sums[top][left]
        ) == 0


def _spots(width: int, height: int, block: _Block) -> Iterator[tuple[int, int]]:
    """Give upper left corners of a block to try, the best first."""
    near = max(int(EDGE - block.quiet), 0)
    far_x = int(width - block.width) - near
    far_y = int(height - block.height) - near
    if far_x < near or far_y < near:
        return
    columns = _outwards(near, far_x)
    rows = _outwards(near, far_y)
    yield from ((x, far_y) for x in columns)
    yield from ((x, near) for x in columns)
    yield from ((far_x, y) for y in rows)
    yield from ((near, y) for y in rows)
    yield from ((x, y) for y in range(far_y, near - 1, -STEP) for x in columns)


def _outwards(first: int, last: int) -> list[int]:
    """Give numbers from the middle of two outwards."""
    middle = (first + last) / 2
    return sorted(range(first, last + 1, STEP), key=lambda at: abs(at - middle))
