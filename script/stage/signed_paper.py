# SPDX-License-Identifier: AGPL-3.0-or-later
"""A resident signs printed pages and lays them on the glass, never quite straight."""

import math
from collections.abc import Sequence
from pathlib import Path

import pypdfium2
from PIL import Image, ImageDraw

from booking_web.domain.forms.description import Rectangle

DPI = 300
SCALE = DPI / 72
A4_PIXELS = (2480, 3508)
# A sheet that was laid down by hand.
ASKEW_DEGREES = 1.2
INK, PEN_PIXELS = (20, 30, 120), 7
LOOPS, POINTS = 5, 240


def blank_paper() -> Image.Image:
    """Give a sheet of A4 on which nothing is written."""
    return Image.new("RGB", A4_PIXELS, "white")


def signed_page(pdf: Path, number: int, zones: Sequence[Rectangle] = ()) -> Image.Image:
    """Give a printed page as it is scanned, signed in these zones (points, from above)."""
    with pypdfium2.PdfDocument(pdf) as document:
        page = document[number - 1]
        paper: Image.Image = page.render(scale=SCALE).to_pil().convert("RGB")
        page.close()
    pen = ImageDraw.Draw(paper)
    for zone in zones:
        pen.line(_scribble(zone), fill=INK, width=PEN_PIXELS, joint="curve")
    return paper.rotate(ASKEW_DEGREES, Image.Resampling.BICUBIC, fillcolor="white")


def _scribble(zone: Rectangle) -> list[tuple[float, float]]:
    """Give loops from the left to the right of a zone, in pixels."""
    steps = (each / POINTS for each in range(POINTS + 1))
    return [
        (
            SCALE * (zone.x + zone.width * (0.15 + 0.6 * step)),
            SCALE
            * (
                zone.y
                + zone.height * (0.5 + 0.28 * math.sin(2 * math.pi * LOOPS * step))
            ),
        )
        for step in steps
    ]
