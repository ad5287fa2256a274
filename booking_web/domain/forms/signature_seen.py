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

from booking_web.domain.forms.alignment import PIXELS_PER_POINT, Fit, aligned
from booking_web.domain.forms.description import Rectangle
from booking_web.domain.forms.pages_seen import Point, scanned_pages

# Fine enough for the stroke of a pen.
_FINE = 150 / 72
_MM2_PER_PIXEL = (25.4 / 150) ** 2
_MM_PER_PIXEL = 25.4 / 150
_WRITTEN_SHADE = 140
_PRINTED_SHADE = 215
# A thin line that was printed comes back paler than it went: ink all the same.
_PALE_SHADE = 180
# What is printed may be seen that many pixels beside its place (odd: a window).
_TOLERANCE = 9
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
            clear = _black_on_white(picture)
            for each in asked:
                if each.scanned == number:
                    seen[each.key] = _state(clear, pdf[each.page - 1], each)
    return seen


def _state(
    scan: Image.Image, page: pypdfium2.PdfPage, asked: ZoneAsked
) -> SignatureState:
    coarse = page.render(scale=PIXELS_PER_POINT, grayscale=True).to_pil().convert("L")
    fit, patches = aligned(scan, coarse, asked.corners, asked.code, asked.zone)
    if patches < _PATCHES_NEEDED:
        return SignatureState.UNCERTAIN
    fine = page.render(scale=_FINE, grayscale=True).to_pil().convert("L")
    if not _lies_well(fit, scan, fine, asked.zone):
        return SignatureState.UNCERTAIN
    # Without its frame.
    zone = asked.zone.grown(-min(_FRAME, asked.zone.width / 6, asked.zone.height / 6))
    left, top = round(zone.x * _FINE), round(zone.y * _FINE)
    cut = fit.cut(scan, zone, _FINE).filter(ImageFilter.GaussianBlur(0.8))
    widened = fine.filter(ImageFilter.MinFilter(_TOLERANCE)).crop(
        (left, top, left + cut.width, top + cut.height)
    )
    written = cut.point(lambda shade: 255 if shade < _WRITTEN_SHADE else 0)
    elsewhere = widened.point(lambda shade: 255 if shade >= _PRINTED_SHADE else 0)
    added = ImageChops.darker(written, elsewhere)
    return _judged(added)


def _lies_well(fit: Fit, scan: Image.Image, fine: Image.Image, zone: Rectangle) -> bool:
    """Tell whether what is printed in and around a zone is where the fit says."""
    part = zone.grown(_AROUND)
    cut = fit.cut(scan, part, _FINE).filter(ImageFilter.GaussianBlur(0.8))
    left, top = round(part.x * _FINE), round(part.y * _FINE)
    printed = ImageChops.invert(fine).crop(
        (left, top, left + cut.width, top + cut.height)
    )
    ink = printed.point(lambda shade: 255 if shade > 255 - _WRITTEN_SHADE else 0)
    seen = cut.filter(ImageFilter.MinFilter(_TOLERANCE)).point(
        lambda shade: 255 if shade < _PALE_SHADE else 0
    )
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


def _black_on_white(picture: Image.Image) -> Image.Image:
    """Give a grey scan the shades of what was printed."""
    shades = picture.histogram()
    paper = max(range(256), key=shades.__getitem__)
    darkest = 0.002 * picture.width * picture.height
    sums = list(accumulate(shades))
    ink = next(shade for shade in range(256) if sums[shade] >= darkest)
    span = max(paper - 12 - ink, 40)
    return picture.point(lambda shade: min(max((shade - ink) * 255 / span, 0), 255))
