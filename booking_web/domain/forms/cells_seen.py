# SPDX-License-Identifier: AGPL-3.0-or-later
"""The white cells of a tinted page that is a picture: one for each letter, or to tick.

Pure: it looks at a picture in shades of grey, and nothing else.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageFilter

from booking_web.domain.forms.description import Rectangle
from booking_web.domain.forms.guides import Comb

# Shades of a page's tint, and how much of the page must have it.
TINTS = range(120, 247)
TINT_SPREAD = 3
TINTED_SHARE = 0.1
SIDES = (6, 26)
# How far, in points, two cells of one row may differ, and stand apart for their width.
SAME_ROW = 4.0
SAME_WIDTH = 3.0
GAP = 0.7
FEWEST_CELLS = 2
BOX_SIDE = 6.5
SAME_EDGE_PIXELS = 2


@dataclass
class _Growing:
    """A cell while its rows are seen one after the other."""

    start: int
    end: int
    top: int
    bottom: int


def cells_seen(grey: Image.Image, pixels_per_point: int) -> list[Rectangle]:
    """Give the white cells, in points; none where the page has no tint."""
    smooth = grey.filter(ImageFilter.MedianFilter(3))
    shades = smooth.histogram()
    share = {shade: _share(shades, shade) for shade in TINTS}
    tint = max(share, key=lambda each: share[each])
    if share[tint] < TINTED_SHARE:
        return []
    least = (tint + 255) // 2
    white = smooth.point(lambda shade: 255 if shade >= least else 0)
    shortest, longest = (each * pixels_per_point for each in SIDES)
    return [
        Rectangle(
            each.start / pixels_per_point,
            each.top / pixels_per_point,
            (each.end - each.start) / pixels_per_point,
            (each.bottom - each.top) / pixels_per_point,
        )
        for each in _grown(white, shortest, longest)
        if shortest <= each.bottom - each.top <= longest
    ]


def rows_and_boxes(
    cells: Sequence[Rectangle],
) -> tuple[list[Comb], list[Rectangle]]:
    """Part cells into rows, each for a word, and those that stand alone, to tick."""
    left = sorted(cells, key=lambda each: each.x)
    combs: list[Comb] = []
    boxes: list[Rectangle] = []
    while left:
        row = [left.pop(0)]
        while (follower := _follower(row[-1], left)) is not None:
            left.remove(follower)
            row.append(follower)
        if len(row) > FEWEST_CELLS - 1:
            combs.append(_comb(row))
        elif _is_to_tick(row[0]):
            boxes.append(row[0])
    return combs, boxes


def _share(shades: Sequence[int], shade: int) -> float:
    near = shades[shade - TINT_SPREAD : shade + TINT_SPREAD + 1]
    return sum(near) / max(sum(shades), 1)


def _grown(white: Image.Image, shortest: int, longest: int) -> list[_Growing]:
    """Give what is white between two tinted edges over rows that follow each other."""
    width, height = white.size
    content = white.tobytes()
    run = re.compile(rb"(?<=\x00)\xff{%d,%d}(?=\x00)" % (shortest, longest))
    growing: list[_Growing] = []
    grown: list[_Growing] = []
    for row in range(height):
        line = content[width * row : width * (row + 1)]
        spans = [found.span() for found in run.finditer(line)]
        for cell in growing:
            span = next((each for each in spans if _is_same(cell, each)), None)
            if span is not None:
                spans.remove(span)
                cell.bottom = row
                # Its corners are often round.
                cell.start = min(cell.start, span[0])
                cell.end = max(cell.end, span[1])
        # A speck of dust in a row or two does not end a cell.
        grown += [each for each in growing if row - each.bottom > SAME_EDGE_PIXELS]
        growing = [each for each in growing if row - each.bottom <= SAME_EDGE_PIXELS]
        growing += [_Growing(start, end, row, row) for start, end in spans]
    return grown + growing


def _is_same(cell: _Growing, span: tuple[int, int]) -> bool:
    return (
        abs(cell.start - span[0]) <= SAME_EDGE_PIXELS
        and abs(cell.end - span[1]) <= SAME_EDGE_PIXELS
    )


def _follower(last: Rectangle, cells: Sequence[Rectangle]) -> Rectangle | None:
    for cell in cells:
        gap = cell.x - last.right
        if gap > GAP * last.width:
            return None
        if (
            gap >= 0
            and abs(cell.bottom - last.bottom) <= SAME_ROW
            and abs(cell.width - last.width) <= SAME_WIDTH
        ):
            return cell
    return None


def _comb(row: list[Rectangle]) -> Comb:
    """Give cells of one width around a row, each letter in the middle of its own."""
    first, last = row[0], row[-1]
    step = (last.x - first.x) / (len(row) - 1)
    margin = (step - first.width) / 2
    top = sorted(each.y for each in row)[len(row) // 2]
    bottom = sorted(each.bottom for each in row)[len(row) // 2]
    whole = Rectangle(
        round(first.x - margin, 2),
        round(top, 2),
        round(step * len(row), 2),
        round(bottom - top, 2),
    )
    return Comb(whole, len(row))


def _is_to_tick(cell: Rectangle) -> bool:
    is_square = 0.6 <= cell.width / max(cell.height, 0.1) <= 1.6
    return is_square and min(cell.width, cell.height) >= BOX_SIDE
