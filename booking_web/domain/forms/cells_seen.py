# SPDX-License-Identifier: AGPL-3.0-or-later
"""The white cells of a tinted page that is a picture: one for each letter, or to tick.

Pure: it looks at a picture in shades of grey, and nothing else.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PIL import Image, ImageFilter

from booking_web.domain.forms.description import Rectangle
from booking_web.domain.forms.guides import Comb, share

# Shades of a page's tint, and how much of the page must have it.
TINTS = range(120, 247)
TINT_SPREAD = 3
TINTED_SHARE = 0.1
SIDES = (6, 26)
# How far, in points, two cells of one row may differ, and stand apart for their width.
SAME_ROW = 4.0
SAME_WIDTH = 2.5
GAP = 0.7
FEWEST_CELLS = 2
BOX_SIDE = 6.5
SAME_EDGE_PIXELS = 2
# What is less white than this, on a page that is white there, is a pale line.
PALEST = 248
# What is darker is ink, and no pale line.
INK = 150
# So much of a cell is white; the inside of a letter has round corners.
FULLEST = 0.94
# How far apart, in points, the corners of one cell seen twice may be.
NEAR_CELLS = 5.0
_NEAR = (-1, 0, 1)


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
    tints = {shade: _share(shades, shade) for shade in TINTS}
    tint = max(tints, key=lambda each: tints[each])
    if tints[tint] < TINTED_SHARE:
        return []
    found = _cells(smooth, grey, (tint + 255) // 2, pixels_per_point)
    # Where the form is white, hair lines in a pale colour part its cells.
    pale = _cells(grey, grey, PALEST, pixels_per_point)
    return found + [
        each for each in _unknown(pale, found) if _is_pale(grey, each, pixels_per_point)
    ]


def _unknown(cells: list[Rectangle], found: list[Rectangle]) -> Iterator[Rectangle]:
    """Give the cells that lie on none of those that were found."""
    known: dict[tuple[int, int], list[Rectangle]] = {}
    for each in found:
        known.setdefault(_corner(each), []).append(each)
    for each in cells:
        x, y = _corner(each)
        near = (known.get((x + dx, y + dy), ()) for dx in _NEAR for dy in _NEAR)
        if not any(share(each, other) > 0.5 for group in near for other in group):
            yield each


def _cells(
    picture: Image.Image, grey: Image.Image, least: int, pixels_per_point: int
) -> list[Rectangle]:
    """Give what is at least so white between edges that are less, and fills its corners."""
    white = picture.point(lambda shade: 255 if shade >= least else 0)
    plain = grey.point(lambda shade: 255 if shade >= least else 0)
    shortest, longest = (each * pixels_per_point for each in SIDES)
    return [
        Rectangle(
            each.start / pixels_per_point,
            each.top / pixels_per_point,
            (each.end - each.start) / pixels_per_point,
            (each.bottom - each.top) / pixels_per_point,
        )
        for each in _grown(white, shortest, longest)
        if shortest <= each.bottom - each.top <= longest and _is_full(plain, each)
    ]


def _is_full(white: Image.Image, cell: _Growing) -> bool:
    """Tell a cell from the round inside of a large letter."""
    part = white.crop((cell.start, cell.top, cell.end, cell.bottom + 1))
    return part.histogram()[255] >= FULLEST * part.width * part.height


def _is_pale(grey: Image.Image, cell: Rectangle, pixels_per_point: int) -> bool:
    """Tell a cell between pale lines from the white between the strokes of letters."""
    left, top, right, bottom = (
        round(each * pixels_per_point)
        for each in (cell.x, cell.y, cell.right, cell.bottom)
    )
    around = (left - 2, top - 2, right + 2, bottom + 3)
    return not any(grey.crop(around).histogram()[:INK])


def _corner(cell: Rectangle) -> tuple[int, int]:
    return int(cell.x / NEAR_CELLS), int(cell.y / NEAR_CELLS)


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
    return combs, [each for each in boxes if not _is_gap(each, combs)]


def _is_gap(box: Rectangle, combs: Sequence[Comb]) -> bool:
    """Tell whether a box is but the gap between two rows of cells on one line."""
    beside = [
        each.rectangle
        for each in combs
        if abs(each.rectangle.bottom - box.bottom) <= SAME_ROW
    ]
    starts = any(abs(each.right - box.x) <= SAME_ROW for each in beside)
    return starts and any(abs(each.x - box.right) <= SAME_ROW for each in beside)


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
    is_square = 0.7 <= cell.width / max(cell.height, 0.1) <= 1.4
    return is_square and min(cell.width, cell.height) >= BOX_SIDE
