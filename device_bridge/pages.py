# SPDX-License-Identifier: AGPL-3.0-or-later
"""What becomes of a scanned page: straightened, judged, kept as JPEG.

The skew is found as Leptonica does (W. Postl's projection profile): the page is turned
by small angles and the one with the sharpest rows of text wins. That is thirty lines on
Pillow; the packages that do it bring scikit-image or OpenCV, 200 MB on a kiosk.
"""

from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageChops, ImageFilter, ImageStat

JPEG_QUALITY = 88
# The picture on which skew and verdicts are found: about 75 dpi for an A4 page.
SMALL_PIXELS = 640
MAX_SKEW_DEGREES = 6.0
MIN_SKEW_DEGREES = 0.25
COARSE_STEP_DEGREES = 1.0
FINE_STEP_DEGREES = 0.25
# How much sharper the rows must get before a page is turned at all: pictures of no
# text have no rows, and turning costs sharpness.
SKEW_GAIN = 1.25
# Ink on less than this share of the page, its edge left out: nothing is on it.
BLANK_INK_SHARE = 0.0004
INK_CONTRAST = 40
EDGE_SHARE = 0.03
# The sharpest hundredth of the page has edges of at least this height when in focus.
BLUR_EDGE = 26
SHARP_SHARE = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class PageVerdict:
    """What a look at a page found."""

    is_blank: bool = False
    is_blurred: bool = False
    turned_degrees: float = 0.0


def keep_page(source: Path, target: Path, resolution_dpi: int) -> PageVerdict:
    """Write the page, straightened, as JPEG with its resolution; judge it."""
    with Image.open(source) as opened:
        page: Image.Image = opened.convert("L" if opened.mode in ("1", "L") else "RGB")
    small = make_small(page)
    if is_blank(small):
        verdict = PageVerdict(is_blank=True)
    else:
        angle = find_skew(small)
        if angle:
            page = page.rotate(angle, Image.Resampling.BICUBIC, fillcolor="white")
        verdict = PageVerdict(is_blurred=is_blurred(page), turned_degrees=angle)
    page.save(
        target, "JPEG", quality=JPEG_QUALITY, dpi=(resolution_dpi, resolution_dpi)
    )
    return verdict


def make_small(page: Image.Image) -> Image.Image:
    """Give a gray picture small enough for quick looks."""
    gray = page.convert("L")
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


def is_blurred(page: Image.Image) -> bool:
    """Tell whether even the sharpest places of a page are soft."""
    gray = _inside(page.convert("L"))
    softened = gray.filter(ImageFilter.BoxBlur(1))
    edges = ImageChops.difference(gray, softened)
    level = _level(edges.histogram(), gray.width * gray.height, 1 - SHARP_SHARE)
    return level < BLUR_EDGE


def find_skew(small: Image.Image) -> float:
    """Give by how many degrees to turn the page; 0.0 where it is straight or no text."""
    straight = _row_sharpness(small, 0.0)
    best, sharpest = 0.0, straight
    for step, reach in (
        (COARSE_STEP_DEGREES, MAX_SKEW_DEGREES),
        (FINE_STEP_DEGREES, 1),
    ):
        centre = best
        turns = int(reach / step)
        for turn in range(-turns, turns + 1):
            angle = centre + turn * step
            sharpness = _row_sharpness(small, angle)
            if sharpness > sharpest:
                best, sharpest = angle, sharpness
    if abs(best) < MIN_SKEW_DEGREES or sharpest < straight * SKEW_GAIN:
        return 0.0
    return best


def _row_sharpness(small: Image.Image, angle: float) -> float:
    """Give how strongly neighbouring rows differ when the page is turned so."""
    turned = small.rotate(angle, Image.Resampling.BILINEAR, fillcolor=255)
    inner = _inside(turned)
    rows = inner.resize((1, inner.height), Image.Resampling.BOX)
    shifted = ImageChops.offset(rows, 0, 1)
    # The first row would be compared with the last.
    box = (0, 1, 1, rows.height)
    difference = ImageChops.difference(rows, shifted).crop(box)
    mean: float = ImageStat.Stat(difference).sum2[0]
    return mean


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
