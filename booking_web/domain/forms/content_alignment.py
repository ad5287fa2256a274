# SPDX-License-Identifier: AGPL-3.0-or-later
"""Lays a scanned page roughly over the printed one where no mark tells: by all of its ink.

Seen from afar first, in many angles and places, then closer around the best. Points are as
in `alignment`.
"""

import cmath
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from PIL import Image, ImageChops, ImageFilter

from booking_web.domain.forms.alignment import (
    PIXELS_PER_POINT,
    Fit,
    Pair,
    Start,
    shades_of,
)
from booking_web.domain.forms.description import Rectangle

# Pixels a point: lines of text are grey bands then, and words are spots.
_FAR, _NEAR = 8 / 72, 24 / 72
# So far off, in points: a fifth of the sheet may be cut off.
_AWAY = 90.0
_ANGLES = [step * 1.5 for step in range(-8, 9)]
_NEARER_ANGLES = (-1.0, -0.5, 0.0, 0.5, 1.0)
_NEARER_SCALES = (0.99, 1.0, 1.01)
_NEARER_AWAY = 14.0
# Two scales that differ by less are one.
_SAME_SCALE = 0.015
# What is found by words weighs more.
_WEIGHT = 0.05


@dataclass(frozen=True)
class _Guess:
    """The page's middle is at `middle` on the scan; to stand upright it is turned by `angle`.

    Degrees, clockwise; `scale` is in pixels a point.
    """

    angle: float
    scale: float
    middle: complex

    def fit(self, page_middle: complex) -> Fit:
        """Give it as a fit."""
        factor = cmath.rect(self.scale, -math.radians(self.angle))
        return Fit(factor, self.middle - factor * page_middle)


def start_by_content(scan: Image.Image, printed: Image.Image, turn: int) -> Start:
    """Give what the ink of all the page tells; both are black on white.

    `turn` is by how many quarters, in degrees clockwise, the scan is to be turned;
    `printed` has PIXELS_PER_POINT.
    """
    page = Rectangle(
        0, 0, printed.width / PIXELS_PER_POINT, printed.height / PIXELS_PER_POINT
    )
    middle = complex(scan.width / 2, scan.height / 2)
    far = [
        _Guess(turn + angle, scale, middle)
        for angle, scale in product(_ANGLES, _scales(scan, page, turn))
    ]
    best = _best(scan, printed, page, far, _FAR, _AWAY)
    near = [
        _Guess(best.angle + angle, best.scale * scale, best.middle)
        for angle, scale in product(_NEARER_ANGLES, _NEARER_SCALES)
    ]
    best = _best(scan, printed, page, near, _NEAR, _NEARER_AWAY)
    page_middle = complex(page.width / 2, page.height / 2)
    fit = best.fit(page_middle)
    corners = [
        complex(x * page.width, y * page.height)
        for x, y in product((0.1, 0.9), repeat=2)
    ]
    pairs = tuple(Pair(each, fit.scanned(each), _WEIGHT) for each in corners)
    return Start(pairs, page_middle)


def _scales(scan: Image.Image, page: Rectangle, turn: int) -> list[float]:
    """Give the scales at which the sheet's width or its height is the scan's."""
    lies = turn % 180 != 0
    width, height = (scan.height, scan.width) if lies else scan.size
    across, down = width / page.width, height / page.height
    is_whole = abs(across / down - 1) < _SAME_SCALE
    return [across] if is_whole else [across, down]


def _best(
    scan: Image.Image,
    printed: Image.Image,
    page: Rectangle,
    guesses: Sequence[_Guess],
    pixels_per_point: float,
    away: float,
) -> _Guess:
    """Give the guess under which scan and page differ least, moved by up to `away` points."""
    size = round(page.width * pixels_per_point), round(page.height * pixels_per_point)
    wanted = printed.resize(size, Image.Resampling.BOX).filter(
        ImageFilter.GaussianBlur(0.7)
    )
    coarser = max(math.floor(guesses[0].scale / pixels_per_point / 1.5), 1)
    small = scan.reduce(coarser)
    page_middle = complex(page.width / 2, page.height / 2)
    around = page.grown(away)
    tried: list[tuple[int, float, _Guess]] = []
    for guess in guesses:
        fit = guess.fit(page_middle)
        smaller = Fit(fit.factor / coarser, fit.offset / coarser)
        cut = smaller.cut(small, around, pixels_per_point)
        for x, y in _places(cut.size, size):
            part = cut.crop((x, y, x + size[0], y + size[1]))
            apart = shades_of(ImageChops.difference(part, wanted))
            moved = complex(x, y) / pixels_per_point - complex(away, away)
            middle = fit.scanned(page_middle + moved)
            best = _Guess(guess.angle, guess.scale, middle)
            tried.append((apart, abs(moved), best))
    return min(tried, key=lambda each: each[:2])[2]


def _places(cut: tuple[int, int], size: tuple[int, int]) -> Iterator[tuple[int, int]]:
    return product(range(cut[0] - size[0] + 1), range(cut[1] - size[1] + 1))
