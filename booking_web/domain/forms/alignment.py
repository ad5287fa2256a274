# SPDX-License-Identifier: AGPL-3.0-or-later
"""Lays a scanned page over the printed one, from a rough start by what is printed on it.

Points are complex numbers: those of the printed page in points (1/72 inch), those of the
scan in pixels; x to the right, y down.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul

from PIL import Image, ImageChops, ImageFilter

from booking_web.domain.forms.description import Rectangle

# Fine enough to lay letters upon letters, coarse enough to be quick.
PIXELS_PER_POINT = 100 / 72
PATCH = (64.0, 44.0)
# A patch has to have that share of ink to be known again.
_INK_FOR_A_PATCH = 0.04
_MOST_PATCHES = 14
# How far off a patch may be: a bit, and more the farther it is from what is known.
_REACH = 5.0
_REACH_PER_POINT = 0.035
# What differs more than this share of the patch's own ink is another thing.
_LARGEST_DIFFERENCE = 0.65
_UNLIKE_ANY_OTHER = 0.85
_ELSEWHERE_PIXELS = 4
# Patches that are within so many points of the fit agree with it.
_AGREE = 1.5
_ROUNDS = 4


@dataclass(frozen=True)
class Pair:
    """A point of the printed page, and where the scan has it."""

    printed: complex
    scanned: complex
    weight: float


@dataclass(frozen=True)
class Fit:
    """Where the scan has what is printed: turned and enlarged by `factor`, then moved."""

    factor: complex
    offset: complex

    def scanned(self, printed: complex) -> complex:
        """Give the scan's point."""
        return self.factor * printed + self.offset

    def cut(self, scan: Image.Image, part: Rectangle, scale: float) -> Image.Image:
        """Give a part of the printed page as the scan has it, `scale` pixels a point."""
        step = self.factor / scale
        start = self.scanned(complex(part.x, part.y))
        size = (max(round(part.width * scale), 1), max(round(part.height * scale), 1))
        numbers = (step.real, -step.imag, start.real, step.imag, step.real, start.imag)
        return scan.transform(
            size,
            Image.Transform.AFFINE,
            numbers,
            resample=Image.Resampling.BICUBIC,
            fillcolor=255,
        )


def fit_of(pairs: Sequence[Pair]) -> Fit:
    """Give the fit of least squares; two points at least that are not the same."""
    total = sum(each.weight for each in pairs)
    printed = sum(each.weight * each.printed for each in pairs) / total
    scanned = sum(each.weight * each.scanned for each in pairs) / total
    above, below = 0j, 0.0
    for each in pairs:
        apart = each.printed - printed
        above += each.weight * apart.conjugate() * (each.scanned - scanned)
        below += each.weight * abs(apart) ** 2
    factor = above / below
    return Fit(factor, scanned - factor * printed)


@dataclass(frozen=True)
class Start:
    """What is known before any word is compared: rough pairs, the surest at `centre`."""

    pairs: tuple[Pair, ...]
    centre: complex


def start_by_mark(
    scan: Image.Image,
    printed: Image.Image,
    corners: Sequence[tuple[float, float]],
    code: Rectangle,
) -> Start:
    """Give what a mark tells: `corners` are those on the scan, `code` is where it is printed.

    `printed` has PIXELS_PER_POINT.
    """
    marked = (
        complex(code.x, code.y),
        complex(code.right, code.y),
        complex(code.right, code.bottom),
        complex(code.x, code.bottom),
    )
    pairs = [
        Pair(place, complex(*corner), 0.2) for place, corner in zip(marked, corners)
    ]
    centre = complex(code.x + code.width / 2, code.y + code.height / 2)
    pairs += _by_the_glass(fit_of(pairs), centre, scan, printed)
    return Start(tuple(pairs), centre)


def pairs_found(
    scan: Image.Image,
    printed: Image.Image,
    start: Start,
    kept_out: Sequence[Rectangle],
) -> list[Pair]:
    """Give where words and lines of the printed page are on the scan, from `start` outwards.

    Both pictures are black on white; `kept_out` are the parts that may look otherwise.
    """
    found: list[Pair] = []
    known = [start.centre]
    for patch in _patches(printed, kept_out, start.centre):
        fit = fit_of([*start.pairs, *found])
        middle = complex(patch.x + patch.width / 2, patch.y + patch.height / 2)
        distance = min(abs(middle - each) for each in known)
        shift = _shift(scan, printed, fit, patch, _REACH + _REACH_PER_POINT * distance)
        if shift is not None:
            found.append(Pair(middle, fit.scanned(middle + shift), 1.0))
            known.append(middle)
    return found


def fit_around(start: Start, found: Sequence[Pair], zone: Rectangle) -> tuple[Fit, int]:
    """Give the fit around a zone, and by how many of what was found it is known."""
    pairs = [*start.pairs, *found]
    target = complex(zone.x + zone.width / 2, zone.y + zone.height / 2)
    fit = fit_of(pairs)
    for _ in range(_ROUNDS):
        fit = fit_of([_near(each, fit, target) for each in pairs])
    return fit, sum(_off(each, fit) < _AGREE for each in found)


def _near(pair: Pair, fit: Fit, target: complex) -> Pair:
    """Give a pair its weight: what lies near the zone counts, what disagrees does not."""
    doubt = 1 + (_off(pair, fit) / _AGREE) ** 4
    weight = pair.weight / (60 + abs(pair.printed - target)) / doubt
    return Pair(pair.printed, pair.scanned, weight)


def _off(pair: Pair, fit: Fit) -> float:
    """Give by how many points a pair is beside a fit."""
    return abs(fit.scanned(pair.printed) - pair.scanned) / abs(fit.factor)


def _by_the_glass(
    fit: Fit, centre: complex, scan: Image.Image, printed: Image.Image
) -> list[Pair]:
    """Give the scale of a scan of the whole sheet: a small mark tells it roughly only."""
    sides = sorted(scan.size), sorted(printed.size)
    scales = [one / other * PIXELS_PER_POINT for one, other in zip(*sides)]
    scale = sum(scales) / 2
    is_whole = abs(scales[0] / scales[1] - 1) < 0.02
    if not is_whole or abs(abs(fit.factor) / scale - 1) > 0.05:
        return []
    factor = fit.factor / abs(fit.factor) * scale
    return [
        Pair(centre + far, fit.scanned(centre) + factor * far, 0.02)
        for far in (400 + 0j, -400 + 0j, 400j, -400j)
    ]


def _patches(
    printed: Image.Image, kept_out: Sequence[Rectangle], start: complex
) -> list[Rectangle]:
    """Give parts with much ink that touch nothing kept out, the nearest to `start` first."""
    scale = PIXELS_PER_POINT
    rich: list[tuple[float, Rectangle]] = []
    for row in range(int(printed.height / scale / PATCH[1])):
        for column in range(int(printed.width / scale / PATCH[0])):
            patch = Rectangle(column * PATCH[0], row * PATCH[1], *PATCH)
            if any(patch.touches(each) for each in kept_out):
                continue
            part = _part(printed, patch)
            share = 1 - shades_of(part) / (255 * part.width * part.height)
            if share >= _INK_FOR_A_PATCH:
                rich.append((share, patch))
    rich.sort(key=lambda each: each[0], reverse=True)
    best = [patch for _, patch in rich[:_MOST_PATCHES]]
    return sorted(best, key=lambda each: abs(complex(each.x, each.y) - start))


def shades_of(picture: Image.Image) -> int:
    """Add up the shades of all pixels; quicker than `ImageStat`."""
    return sum(map(mul, picture.histogram(), range(256)))


def _part(picture: Image.Image, part: Rectangle) -> Image.Image:
    left, top = round(part.x * PIXELS_PER_POINT), round(part.y * PIXELS_PER_POINT)
    width = round(part.width * PIXELS_PER_POINT)
    height = round(part.height * PIXELS_PER_POINT)
    return picture.crop((left, top, left + width, top + height))


def _shift(
    scan: Image.Image, printed: Image.Image, fit: Fit, patch: Rectangle, reach: float
) -> complex | None:
    """Give by how many points a patch is off; None where it is not to be found."""
    wanted = _part(printed, patch).filter(ImageFilter.GaussianBlur(1))
    cut = fit.cut(scan, patch.grown(reach), PIXELS_PER_POINT).filter(
        ImageFilter.GaussianBlur(1)
    )
    pixels = round(reach * PIXELS_PER_POINT)

    def apart(x: int, y: int) -> int:
        part = cut.crop((x, y, x + wanted.width, y + wanted.height))
        return shades_of(ImageChops.difference(part, wanted))

    coarse = range(0, 2 * pixels + 1, 2)
    tried = [(apart(x, y), x, y) for x in coarse for y in coarse]
    best, x, y = min(tried)
    # A line alone, or words that come again, could lie elsewhere just as well.
    others = [
        each for each, i, j in tried if max(abs(i - x), abs(j - y)) > _ELSEWHERE_PIXELS
    ]
    if best > _UNLIKE_ANY_OTHER * min(others, default=best * 2):
        return None
    fine = (-1, 0, 1)
    least, x, y = min((apart(x + i, y + j), x + i, y + j) for i in fine for j in fine)
    ink = 255 * wanted.width * wanted.height - shades_of(wanted)
    if least > _LARGEST_DIFFERENCE * ink:
        return None
    return complex(x - pixels, y - pixels) / PIXELS_PER_POINT
