# SPDX-License-Identifier: AGPL-3.0-or-later
"""The straight lines and cells of a page as it is seen, such as one that was scanned.

An importer of pypdfium2; run it in a process of its own: the bytes are a stranger's.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pypdfium2
from PIL import Image, ImageStat

from booking_web.domain.forms.cells_seen import cells_seen, rows_and_boxes
from booking_web.domain.forms.description import Rectangle
from booking_web.domain.forms.geometry import Sheet
from booking_web.domain.forms.guides import FEWEST_CELLS, Guides, Line, guides_of
from booking_web.domain.forms.pieces_seen import pieces_seen
from booking_web.domain.forms.words_printed import Printed

# Twice as fine as points: a hair line of a scan at 150 dpi is still one pixel.
PIXELS_PER_POINT = 2
# The dots of a colon are then some pixels wide.
WRITING_PIXELS_PER_POINT = 3
DARK = 140
# Longer than any letter's stroke or word's underline, in points.
SHORTEST_LYING = 24
SHORTEST_STANDING = 16
MAX_LINES = 2000
# What of a sign's side is not its middle; how wide, in points, what is looked at beside it.
MIDDLE = 0.3
AROUND = 1.5
AS_LIGHT = 0.85
# How high a stroke is that ends a cell, in points, and how far outside of its row it may be.
STROKE = 2.5
STROKE_BESIDE = 1.0


def guides_seen(page: pypdfium2.PdfPage, sheet: Sheet) -> Guides:
    """Give the guides of a page as it is seen, whatever it is made of."""
    drawn: Image.Image = page.render(
        scale=PIXELS_PER_POINT, grayscale=True, may_draw_forms=False
    ).to_pil()
    grey = drawn.convert("L")
    combs, boxes = rows_and_boxes(cells_seen(grey, PIXELS_PER_POINT))
    dark = grey.point(lambda shade: 255 if shade < DARK else 0)
    turned = dark.transpose(Image.Transpose.TRANSPOSE)
    found = guides_of(
        list(_lines(dark, SHORTEST_LYING))[:MAX_LINES],
        list(_lines(turned, SHORTEST_STANDING))[:MAX_LINES],
        boxes,
    )
    return replace(found, combs=found.combs + tuple(combs))


def writing_seen(page: pypdfium2.PdfPage) -> list[Printed]:
    """Give the pieces of writing of a page that is a picture; nothing of them is read."""
    drawn: Image.Image = page.render(
        scale=WRITING_PIXELS_PER_POINT, grayscale=True, may_draw_forms=False
    ).to_pil()
    return pieces_seen(drawn.convert("L"), WRITING_PIXELS_PER_POINT)


def looked_at(page: pypdfium2.PdfPage, printed: Sequence[Printed]) -> list[Printed]:
    """Give what is printed as it looks: without full signs, and rows with their strokes.

    A badge, an arrow, a bullet is no box to tick; a font may draw a whole row of cells.
    """
    if not any(each.is_sign or each.is_leader for each in printed):
        return list(printed)
    drawn: Image.Image = page.render(
        scale=PIXELS_PER_POINT, grayscale=True, may_draw_forms=False
    ).to_pil()
    grey = drawn.convert("L")
    looked: list[Printed] = []
    for each in printed:
        if each.is_leader and not each.bars:
            looked += _rows_of_cells(grey, each) or [each]
        elif not each.is_sign or _is_hollow(grey, each.rectangle):
            looked.append(each)
    return looked


def _rows_of_cells(grey: Image.Image, row: Printed) -> list[Printed]:
    """Give the rows of cells that one letter draws: upright strokes on a base."""
    around = row.rectangle.grown(STROKE_BESIDE)
    cut = grey.crop(_pixels(around))
    columns, content = cut.width, cut.tobytes()
    dark = [sum(shade < DARK for shade in content[x::columns]) for x in range(columns)]
    is_tall = [each >= STROKE * PIXELS_PER_POINT for each in dark]
    strokes = [x for x in range(columns) if is_tall[x] and not (x and is_tall[x - 1])]
    if len(strokes) <= FEWEST_CELLS:
        return []
    rows = [[strokes[0]]]
    for before, stroke in zip(strokes, strokes[1:]):
        if not all(dark[before:stroke]):
            # Without a base it is the gap between two rows.
            rows.append([])
        rows[-1].append(stroke)
    left = _pixels(around)[0]
    found = []
    for each in rows:
        bars = [round((left + x) / PIXELS_PER_POINT, 2) for x in each]
        place = replace(row.rectangle, x=bars[0], width=round(bars[-1] - bars[0], 2))
        found.append(replace(row, rectangle=place, bars=tuple(bars)))
    return found


def _is_hollow(grey: Image.Image, sign: Rectangle) -> bool:
    """Tell whether the middle of a sign is as light as what is around it."""
    middle = sign.grown(-min(sign.width, sign.height) * MIDDLE)
    around = sign.grown(AROUND)
    return _shade(grey, middle) >= AS_LIGHT * max(
        _shade(grey, replace(around, width=AROUND)),
        _shade(grey, replace(around, x=around.right - AROUND, width=AROUND)),
    )


def _shade(grey: Image.Image, part: Rectangle) -> float:
    return ImageStat.Stat(grey.crop(_pixels(part))).mean[0]


def _pixels(part: Rectangle) -> tuple[int, int, int, int]:
    sides = (part.x, part.y, part.right, part.bottom)
    left, top, right, bottom = (round(each * PIXELS_PER_POINT) for each in sides)
    return (left, top, max(right, left + 1), max(bottom, top + 1))


def _lines(picture: Image.Image, shortest: int) -> Iterator[Line]:
    """Give the edges of what is dark for so long, row by row."""
    width, height = picture.size
    content = picture.tobytes()
    long_run = re.compile(rb"\xff{%d,}" % (shortest * PIXELS_PER_POINT))
    rows = [content[width * row : width * (row + 1)] for row in range(height)]
    runs = [[found.span() for found in long_run.finditer(row)] for row in rows]
    for row, found in enumerate(runs):
        before = runs[row - 1] if row else []
        after = runs[row + 1] if row + 1 < height else []
        for start, end in found:
            # Within a dark area there are no lines, only along its edges.
            if _covers(before, start, end) and _covers(after, start, end):
                continue
            yield Line(
                row / PIXELS_PER_POINT, start / PIXELS_PER_POINT, end / PIXELS_PER_POINT
            )


def _covers(runs: list[tuple[int, int]], start: int, end: int) -> bool:
    return any(each[0] <= start + 2 and each[1] >= end - 2 for each in runs)
