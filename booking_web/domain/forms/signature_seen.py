# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whether somebody wrote into a zone of a printed page, seen on its scan.

An importer of pypdfium2; run it in a process of its own: the scan is a stranger's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from typing import Any

import pypdfium2
from PIL import Image, ImageChops, ImageFilter

from booking_web.domain.forms.alignment import (
    PIXELS_PER_POINT,
    Fit,
    fit_around,
    pairs_found,
    start_by_mark,
)
from booking_web.domain.forms.description import Rectangle
from booking_web.domain.forms.pages_seen import Point, scanned_pages

# Fine enough for the stroke of a pen.
FINE = 150 / 72
_MM2_PER_PIXEL = (25.4 / 150) ** 2
_MM_PER_PIXEL = 25.4 / 150
_WRITTEN_SHADE = 140
_PRINTED_SHADE = 215
# A thin line that was printed comes back paler than it went: ink all the same.
_PALE_SHADE = 180
# What is printed may be seen that many pixels beside its place.
_STEPS = 4
# A few specks are nothing; a name or a cross is more than a stroke.
_EMPTY_MM2 = 0.6
_SIGNED_MM2 = 2.5
_SIGNED_MM = 5.0
_PATCHES_NEEDED = 3
# So much of what is printed within that many points around a zone has to be found.
_FOUND_SHARE = 0.8
_AROUND = 30.0
# A frame that is drawn around a zone, in points.
_FRAME = 4.0


class SignatureState(StrEnum):
    """What is seen in a zone that should be signed."""

    EMPTY = "empty"
    SIGNED = "signed"
    # A person must look: little ink, or the page cannot be laid over the printed one.
    UNCERTAIN = "uncertain"


@dataclass(frozen=True)
class ZoneAsked:
    """A zone of a printed page, and the scanned page with its mark's corners."""

    scanned: int
    place: str
    corners: tuple[Point, ...]
    page: int
    code: Rectangle
    zone: Rectangle

    @property
    def key(self) -> str:
        """Tell it from all others: a page may have come twice."""
        return f"{self.scanned} {self.place}"

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> "ZoneAsked":
        """Give back what was made plain by `asdict`."""
        corners = tuple((x, y) for x, y in told["corners"])
        code, zone = Rectangle(**told["code"]), Rectangle(**told["zone"])
        return cls(**{**told, "corners": corners, "code": code, "zone": zone})


def signatures_seen(
    scan: bytes, printed: bytes, asked: Sequence[ZoneAsked]
) -> dict[str, SignatureState]:
    """Tell for each zone, by its key, whether it is signed; `printed` is the marked PDF.

    Raises FormRefused.
    """
    seen: dict[str, SignatureState] = {}
    wanted = {each.scanned for each in asked}
    with pypdfium2.PdfDocument(printed) as pdf:
        for number, picture in scanned_pages(scan, wanted):
            clear = black_on_white(picture)
            its = [each for each in asked if each.scanned == number]
            for page in {each.page for each in its}:
                of_page = [each for each in its if each.page == page]
                seen |= _states(clear, pdf[page - 1], of_page)
    return seen


def _states(
    scan: Image.Image, page: pypdfium2.PdfPage, asked: Sequence[ZoneAsked]
) -> dict[str, SignatureState]:
    """Tell it of all zones of one page: it is laid over the printed one once."""
    coarse = page.render(scale=PIXELS_PER_POINT, grayscale=True).to_pil().convert("L")
    fine = page.render(scale=FINE, grayscale=True).to_pil().convert("L")
    mark = asked[0]
    start = start_by_mark(scan, coarse, mark.corners, mark.code)
    kept_out = [mark.code, *(each.zone for each in asked)]
    found = pairs_found(scan, coarse, start, kept_out)
    states = {}
    for each in asked:
        fit, patches = fit_around(start, found, each.zone)
        states[each.key] = (
            zone_state(scan, fine, fit, each.zone)
            if patches >= _PATCHES_NEEDED
            else SignatureState.UNCERTAIN
        )
    return states


def zone_state(
    scan: Image.Image, fine: Image.Image, fit: Fit, zone: Rectangle
) -> SignatureState:
    """Tell it of one zone, given the fit around it and the printed page in FINE pixels."""
    if not _lies_well(fit, scan, fine, zone):
        return SignatureState.UNCERTAIN
    # Without its frame.
    inner = zone.grown(-min(_FRAME, zone.width / 6, zone.height / 6))
    cut = fit.cut(scan, inner, FINE).filter(ImageFilter.GaussianBlur(0.8))
    widened = _widened(fine, round(inner.x * FINE), round(inner.y * FINE), cut.size)
    written = cut.point(lambda shade: 255 if shade < _WRITTEN_SHADE else 0)
    elsewhere = widened.point(lambda shade: 255 if shade >= _PRINTED_SHADE else 0)
    added = ImageChops.darker(written, elsewhere)
    return _judged(added)


def _widened(
    fine: Image.Image, left: int, top: int, size: tuple[int, int]
) -> Image.Image:
    """Give a part of the printed page, all of its ink wider by the tolerance.

    No more of the page is worked on than is needed: of a whole one it takes half a second.
    """
    first = max(left - _STEPS, 0), max(top - _STEPS, 0)
    last = min(left + size[0] + _STEPS, fine.width), top + size[1] + _STEPS
    around = fine.crop((*first, last[0], min(last[1], fine.height)))
    for _ in range(_STEPS):
        around = around.filter(ImageFilter.MinFilter(3))
    left, top = left - first[0], top - first[1]
    return around.crop((left, top, left + size[0], top + size[1]))


def _lies_well(fit: Fit, scan: Image.Image, fine: Image.Image, zone: Rectangle) -> bool:
    """Tell whether what is printed in and around a zone is where the fit says."""
    part = zone.grown(_AROUND)
    cut = fit.cut(scan, part, FINE).filter(ImageFilter.GaussianBlur(0.8))
    left, top = round(part.x * FINE), round(part.y * FINE)
    printed = ImageChops.invert(fine).crop(
        (left, top, left + cut.width, top + cut.height)
    )
    ink = printed.point(lambda shade: 255 if shade > 255 - _WRITTEN_SHADE else 0)
    dark = cut.point(lambda shade: 255 if shade < _PALE_SHADE else 0)
    seen = dark
    for _ in range(_STEPS):
        seen = seen.filter(ImageFilter.MaxFilter(3))
    found = ImageChops.darker(ink, seen).histogram()[255]
    return found >= _FOUND_SHARE * ink.histogram()[255]


def _judged(added: Image.Image) -> SignatureState:
    ink_mm2 = added.histogram()[255] * _MM2_PER_PIXEL
    if ink_mm2 < _EMPTY_MM2:
        return SignatureState.EMPTY
    left, top, right, bottom = added.getbbox() or (0, 0, 0, 0)
    longest_mm = max(right - left, bottom - top) * _MM_PER_PIXEL
    if ink_mm2 >= _SIGNED_MM2 and longest_mm >= _SIGNED_MM:
        return SignatureState.SIGNED
    return SignatureState.UNCERTAIN


def black_on_white(picture: Image.Image) -> Image.Image:
    """Give a grey scan the shades of what was printed."""
    shades = picture.histogram()
    paper = max(range(256), key=shades.__getitem__)
    darkest = 0.002 * picture.width * picture.height
    sums = list(accumulate(shades))
    ink = next(shade for shade in range(256) if sums[shade] >= darkest)
    span = max(paper - 12 - ink, 40)
    return picture.point(lambda shade: min(max((shade - ink) * 255 / span, 0), 255))
