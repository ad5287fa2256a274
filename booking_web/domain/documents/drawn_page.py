# SPDX-License-Identifier: AGPL-3.0-or-later
"""Draws a part of a page anew, as a picture: nothing is behind it or beside it.

Run it in the examination's own process.
"""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files

import pypdfium2
from PIL import Image, ImageDraw, ImageFont

from booking_web.domain.documents.errors import DocumentRefused, Refusal

POINTS_PER_INCH = 72.0
# Of a page without pictures; a scan is drawn as finely as it was scanned, up to 600.
USUAL_DPI, FINEST_DPI, COARSEST_DPI = 300.0, 600.0, 150.0
# An A4 page at 300 dpi has 8.7 million pixels, an identity card at 600 dpi 2.6.
MAX_PIXELS = 9_000_000
JPEG_QUALITY = 88
_TURNS = {
    90: Image.Transpose.ROTATE_270,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}
_TYPEFACE = (
    "static/vendor/atkinson-plain-zero/atkinson-plain-zero-latin-700-normal.woff2"
)
# The mark: dark enough to be read over white, light enough to be read through.
_MARK_GREY, _MARK_OPACITY = 70, 80
_MARK_LINES = 4
# The sine of the angle at which it rises.
_MARK_RISE = 0.4


@dataclass(frozen=True)
class DrawnPage:
    """A picture, and how large it is on paper."""

    jpeg: bytes
    width_pixels: int
    height_pixels: int
    is_grey: bool
    width_points: float
    height_points: float


def draw_part(
    pdf: bytes,
    number: int,
    turn: int,
    crop: Sequence[float] | None,
    mark: str,
) -> DrawnPage:
    """Draw what is left of a page, turned clockwise, with `mark` across it if there is one.

    Raises DocumentRefused.
    """
    picture, wide, high = _drawn(pdf, number, crop)
    if turn:
        picture = picture.transpose(_TURNS[turn])
    if turn in (90, 270):
        wide, high = high, wide
    if mark:
        picture = write_across(picture, mark)
    is_grey = _is_grey(picture)
    kept = io.BytesIO()
    (picture.convert("L") if is_grey else picture).save(
        kept, "JPEG", quality=JPEG_QUALITY
    )
    across, down = picture.size
    return DrawnPage(kept.getvalue(), across, down, is_grey, wide, high)


def _drawn(
    pdf: bytes, number: int, crop: Sequence[float] | None
) -> tuple[Image.Image, float, float]:
    """Draw what is left of a page; give how wide and high it is on paper, in points."""
    left, top, right, bottom = crop or (0.0, 0.0, 1.0, 1.0)
    try:
        with pypdfium2.PdfDocument(pdf) as document:
            page = document[number - 1]
            width, height = page.get_size()
            wide, high = width * (right - left), height * (bottom - top)
            dpi = min(_dpi_of(page), _dpi_that_fits(wide, high))
            picture: Image.Image = page.render(
                scale=dpi / POINTS_PER_INCH,
                crop=(
                    width * left,
                    height * (1 - bottom),
                    width * (1 - right),
                    height * top,
                ),
            ).to_pil()
            return picture.convert("RGB"), wide, high
    except (pypdfium2.PdfiumError, IndexError) as error:
        raise DocumentRefused(Refusal.DAMAGED) from error


def write_across(picture: Image.Image, words: str) -> Image.Image:
    """Write words across a picture, several times, so that it can be read through them."""
    width, height = picture.size
    font = _font_for(words, 0.8 * width)
    length, size = font.getlength(words), font.size
    # A strip of paper is written on more flatly: no line is cut off at its edge.
    rise = min(_MARK_RISE, max(0.0, (0.8 * height - size) / max(1.0, length)))
    angle = math.asin(min(1.0, rise))
    room = height - length * rise - size
    step = max(3.0 * size, height / _MARK_LINES)
    lines = 1 + max(0, int(room / step))
    # One layer that covers the picture in whatever direction it is turned.
    side = math.ceil(math.hypot(width, height))
    layer = Image.new("L", (side, side), 0)
    drawing = ImageDraw.Draw(layer)
    for line in range(lines):
        # So that each line's middle is the picture's, once the layer is turned.
        below = (line - (lines - 1) / 2) * step * math.cos(angle)
        middle = (side / 2 - below * math.tan(angle), side / 2 + below)
        drawing.text(middle, words, fill=_MARK_OPACITY, font=font, anchor="mm")
    layer = layer.rotate(math.degrees(angle), Image.Resampling.BILINEAR)
    corner = ((side - width) // 2, (side - height) // 2)
    layer = layer.crop((*corner, corner[0] + width, corner[1] + height))
    ink = Image.new("RGB", picture.size, (_MARK_GREY,) * 3)
    return Image.composite(ink, picture, layer)


def _font_for(words: str, width: float) -> ImageFont.FreeTypeFont:
    """Give the typeface in the size at which the words are so wide."""
    with as_file(files("booking_web") / _TYPEFACE) as typeface:
        tried = ImageFont.truetype(str(typeface), 100)
        size = max(10, int(100 * width / max(1.0, tried.getlength(words))))
        return ImageFont.truetype(str(typeface), size)


def _dpi_of(page: pypdfium2.PdfPage) -> float:
    """Tell how finely the pictures of a page are drawn on it."""
    found: list[float] = []
    for picture in page.get_objects([pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]):
        left, bottom, right, top = picture.get_bounds()
        pixels = max(picture.get_px_size())
        points = max(right - left, top - bottom)
        if points > POINTS_PER_INCH:
            found.append(pixels / points * POINTS_PER_INCH)
    if not found:
        return USUAL_DPI
    return max(COARSEST_DPI, min(FINEST_DPI, *found, max(found)))


def _dpi_that_fits(wide: float, high: float) -> float:
    return math.sqrt(MAX_PIXELS / max(1.0, wide * high)) * POINTS_PER_INCH


def _is_grey(picture: Image.Image) -> bool:
    red, green, blue = (band.tobytes() for band in picture.split())
    return red == green == blue
