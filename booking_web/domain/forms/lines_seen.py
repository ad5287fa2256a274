# SPDX-License-Identifier: AGPL-3.0-or-later
"""The straight lines and cells of a page that is a picture, such as one that was scanned.

An importer of pypdfium2; run it in a process of its own: the bytes are a stranger's.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

import pypdfium2
from PIL import Image

from booking_web.domain.forms.cells_seen import cells_seen, rows_and_boxes
from booking_web.domain.forms.geometry import Sheet
from booking_web.domain.forms.guides import Guides, Line, guides_of
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
