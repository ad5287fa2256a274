# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is seen on a scanned page of which a person said which it is: no mark tells.

An importer of pypdfium2; run it in a process of its own: the scan is a stranger's.
"""

import cmath
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pypdfium2
from PIL import Image

from booking_web.domain.forms.alignment import (
    PIXELS_PER_POINT,
    Fit,
    Pair,
    Start,
    fit_around,
    pairs_found,
)
from booking_web.domain.forms.content_alignment import start_by_content
from booking_web.domain.forms.description import Rectangle
from booking_web.domain.forms.pages_seen import scanned_pages
from booking_web.domain.forms.signature_seen import (
    FINE,
    SignatureState,
    black_on_white,
    zone_state,
)

# Without a mark more of what is printed has to be found.
_PATCHES_NEEDED = 4


@dataclass(frozen=True)
class NamedPageSeen:
    """The state of each zone, and how the page is turned until it stands upright.

    `turn` is None where the page cannot be laid over the printed one: a person must look.
    """

    states: dict[str, SignatureState]
    turn: int | None = None
    askew: float = 0.0


def named_page_seen(
    scan: bytes,
    scanned: int,
    printed: bytes,
    page: int,
    turn: int,
    zones: Mapping[str, Rectangle],
) -> NamedPageSeen:
    """Tell it of one page of a scan; `printed` is the PDF, `turn` what the person said.

    Raises FormRefused.
    """
    unknown = NamedPageSeen(dict.fromkeys(zones, SignatureState.UNCERTAIN))
    with pypdfium2.PdfDocument(printed) as pdf:
        coarse, fine = (
            pdf[page - 1].render(scale=scale, grayscale=True).to_pil().convert("L")
            for scale in (PIXELS_PER_POINT, FINE)
        )
    for _, picture in scanned_pages(scan, [scanned]):
        clear = black_on_white(picture)
        laid = _laid(clear, coarse, turn, list(zones.values()))
        if laid is None:
            return unknown
        start, found = laid
        states = {}
        for place, zone in zones.items():
            fit, count = fit_around(start, found, zone)
            is_known = count >= _PATCHES_NEEDED
            state = zone_state(clear, fine, fit, zone) if is_known else None
            states[place] = state or SignatureState.UNCERTAIN
        whole = Rectangle(0, 0, *(each / PIXELS_PER_POINT for each in coarse.size))
        return NamedPageSeen(states, *_turn(fit_around(start, found, whole)[0]))
    return unknown


def _laid(
    scan: Image.Image, printed: Image.Image, turn: int, zones: Sequence[Rectangle]
) -> tuple[Start, list[Pair]] | None:
    """Lay the page as the person said it lies; where that does not do, otherwise."""
    whole = Rectangle(0, 0, *(each / PIXELS_PER_POINT for each in printed.size))
    for more in (0, 180, 90, 270):
        start = start_by_content(scan, printed, (turn + more) % 360)
        found = pairs_found(scan, printed, start, zones)
        if fit_around(start, found, whole)[1] >= _PATCHES_NEEDED:
            return start, found
    return None


def _turn(fit: Fit) -> tuple[int, float]:
    """Give how far the page must be turned clockwise: quarters, and the rest."""
    needed = -math.degrees(cmath.phase(fit.factor))
    quarters = round(needed / 90)
    return quarters * 90 % 360, round(needed - quarters * 90, 1)
