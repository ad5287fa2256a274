# SPDX-License-Identifier: AGPL-3.0-or-later
"""What becomes of a scanned page: judged, and straightened where it lies askew.

The skew is found as Leptonica does (W. Postl's projection profile): the angle at which
the rows of text are sharpest wins. The profile is taken of strips that are shifted
against each other instead of a page that is turned, which is a hundred times quicker. That
is forty lines on Pillow; the packages that do it bring scikit-image or OpenCV, 200 MB on
a kiosk.
"""

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageChops, ImageFilter, ImageStat

JPEG_QUALITY = 88
# The picture on which skew and verdicts are found: about 75 dpi for an A4 page.
SMALL_PIXELS = 620
MAX_SKEW_DEGREES = 6.0
# A page is turned from here on only: less is hardly seen, and turning costs sharpness.
MIN_SKEW_DEGREES = 0.5
COARSE_STEP_DEGREES = 1.0
FINE_STEP_DEGREES = 0.25
SKEW_STRIPS = 32
# Shifting and averaging round to whole levels: so small a difference is none.
BEYOND_ROUNDING = [max(0, level - 2) for level in range(256)]
# How much sharper the rows must get before a page is turned at all.
SKEW_GAIN = 1.25
# What the strips have in common at that angle, of all that is in them: lines of text have
# from 0.13 (a few short ones) to 0.8, noise, chequers and a signature 0.03.
SKEW_COHERENCE = 0.08
# And the mean square of what neighbouring rows differ by: one line of text across the page
# has 4, six short ones have 2, shades without an edge 0.4.
SKEW_SHARPNESS = 0.8
# Ink on less than this share of the page, its edge left out: nothing is on it.
BLANK_INK_SHARE = 0.0004
INK_CONTRAST = 40
EDGE_SHARE = 0.03
# The sharpest hundredth of the page has edges of at least this height when in focus.
BLUR_EDGE = 26
SHARP_SHARE = 0.005
# Sharpness is looked for in these pieces of a page alone, those with the most contrast.
PIECES_ACROSS, PIECES_DOWN, PIECES_LOOKED_AT = 8, 12, 16


@dataclass(frozen=True, slots=True, kw_only=True)
class PageVerdict:
    """What a look at a page found."""

    is_blank: bool = False
    is_blurred: bool = False
    turned_degrees: float = 0.0


def save_page(page: Image.Image, target: Path, resolution_dpi: int) -> None:
    """Write a page as JPEG with its resolution; it is on the disk when this returns."""
    if page.mode not in ("L", "RGB"):
        page = page.convert("L" if page.mode == "1" else "RGB")
    part = target.with_suffix(".part")
    dpi = (resolution_dpi, resolution_dpi)
    with part.open("wb") as file:
        page.save(file, "JPEG", quality=JPEG_QUALITY, dpi=dpi)
        file.flush()
        os.fdatasync(file.fileno())
    part.replace(target)


def straighten_page(file: Path) -> PageVerdict:
    """Judge a page that `save_page` wrote; turn it where it lies askew.

    A page that lies straight stays as it is, byte by byte.
    """
    with Image.open(file) as opened:
        # Only the brightness is unpacked, a third of the work.
        opened.draft("L", opened.size)
        gray = opened if opened.mode == "L" else opened.convert("L")
        gray.load()
    small = make_small(gray)
    if is_blank(small):
        return PageVerdict(is_blank=True)
    blurred = is_blurred(gray, small)
    angle = find_skew(small)
    if angle:
        with Image.open(file) as opened:
            resolution_dpi = round(opened.info["dpi"][0])
            turned = opened.rotate(angle, Image.Resampling.BICUBIC, fillcolor="white")
        save_page(turned, file, resolution_dpi)
    return PageVerdict(is_blurred=blurred, turned_degrees=angle)


def make_small(page: Image.Image) -> Image.Image:
    """Give a gray picture small enough for quick looks."""
    gray = page if page.mode == "L" else page.convert("L")
    factor = max(1, min(gray.size) // SMALL_PIXELS)
    return gray.reduce(factor) if factor > 1 else gray


def is_blank(small: Image.Image) -> bool:
    """Tell whether a page carries nothing but paper."""
    inner = _inside(small)
    histogram = inner.histogram()
    pixels = inner.width * inner.height
    paper = _level(histogram, pixels, 0.5)
    ink = sum(histogram[: max(0, paper - INK_CONTRAST)])
    ink += sum(histogram[min(256, paper + INK_CONTRAST + 1) :])
    return ink < pixels * BLANK_INK_SHARE


def is_blurred(page: Image.Image, small: Image.Image | None = None) -> bool:
    """Tell whether even the sharpest places of a page are soft.

    `small` is what `make_small` gives of the page, where the caller has it already.
    """
    gray = page if page.mode == "L" else page.convert("L")
    inner = _inside(gray)
    sharp, enough = 0, inner.width * inner.height * SHARP_SHARE
    for piece in _busiest_pieces(inner, _inside(small or make_small(gray))):
        softened = piece.filter(ImageFilter.BoxBlur(1))
        edges = ImageChops.difference(piece, softened).histogram()
        sharp += sum(edges[BLUR_EDGE:])
        # What was not looked at is taken for soft, so a page that is sharp by now is.
        if sharp > enough:
            return False
    return True


def _busiest_pieces(page: Image.Image, small: Image.Image) -> Iterator[Image.Image]:
    """Give the pieces of a page with the most contrast, by its small picture."""
    changes = ImageChops.difference(small, ImageChops.offset(small, 1, 0))
    # As floats: a line of text on an empty page is less than one level on average.
    mean = changes.convert("F").resize(
        (PIECES_ACROSS, PIECES_DOWN), Image.Resampling.BOX
    )
    width, height = page.width / PIECES_ACROSS, page.height / PIECES_DOWN
    places = [
        (mean.getpixel((x, y)), x, y)
        for x in range(PIECES_ACROSS)
        for y in range(PIECES_DOWN)
    ]
    for _, x, y in sorted(places, reverse=True)[:PIECES_LOOKED_AT]:
        yield page.crop(
            (
                *(round(x * width), round(y * height)),
                *(round((x + 1) * width), round((y + 1) * height)),
            )
        )


def find_skew(small: Image.Image) -> float:
    """Give by how many degrees to turn the page; 0.0 where it is straight or no text."""
    inner = _inside(small)
    strips = inner.resize((SKEW_STRIPS, inner.height), Image.Resampling.BOX)
    strip_pixels = inner.width / SKEW_STRIPS
    straight = _row_sharpness(strips, strip_pixels, 0.0)
    # The second round comes by some angles of the first again.
    seen = {0.0: straight}
    for step, reach in (
        (COARSE_STEP_DEGREES, MAX_SKEW_DEGREES),
        (FINE_STEP_DEGREES, COARSE_STEP_DEGREES),
    ):
        centre = _sharpest(seen)
        turns = int(reach / step)
        for turn in range(-turns, turns + 1):
            angle = centre + turn * step
            if angle not in seen:
                seen[angle] = _row_sharpness(strips, strip_pixels, angle)
    best = _sharpest(seen)
    sharpest = seen[best]
    rows_at_least = max(
        SKEW_SHARPNESS * strips.height, SKEW_COHERENCE * _sharpness(strips)
    )
    if abs(best) < MIN_SKEW_DEGREES or sharpest < max(
        straight * SKEW_GAIN, rows_at_least
    ):
        return 0.0
    return best


def _sharpest(seen: dict[float, float]) -> float:
    """Give the sharpest angle; the one nearest to straight of equal ones."""
    return max(seen, key=lambda angle: (seen[angle], -abs(angle)))


def _row_sharpness(strips: Image.Image, strip_pixels: float, angle: float) -> float:
    """Give how strongly neighbouring rows differ when the page is turned so."""
    shift = math.tan(math.radians(angle)) * strip_pixels
    centre = shift * (strips.width - 1) / 2
    # A pixel of the result comes from here: (a x + b y + c, d x + e y + f).
    shifted = strips.transform(
        strips.size,
        Image.Transform.AFFINE,
        (1, 0, 0, shift, 1, -centre),
        Image.Resampling.BILINEAR,
        fillcolor=255,
    )
    return _sharpness(shifted.resize((1, strips.height), Image.Resampling.BOX))


def _sharpness(columns: Image.Image) -> float:
    """Give how strongly each column's neighbouring pixels differ, for one column."""
    shifted = ImageChops.offset(columns, 0, 1)
    # The first row would be compared with the last.
    box = (0, 1, columns.width, columns.height)
    difference = ImageChops.difference(columns, shifted).crop(box)
    squares: float = ImageStat.Stat(difference.point(BEYOND_ROUNDING)).sum2[0]
    return squares / columns.width


def _inside(page: Image.Image) -> Image.Image:
    """Leave out the edge, where scanners draw shadows."""
    x, y = int(page.width * EDGE_SHARE), int(page.height * EDGE_SHARE)
    return page.crop((x, y, page.width - x, page.height - y))


def _level(histogram: list[int], pixels: int, share: float) -> int:
    """Give the brightness below which `share` of the pixels lie."""
    seen = 0
    for level, number in enumerate(histogram[:256]):
        seen += number
        if seen >= pixels * share:
            return level
    return 255
