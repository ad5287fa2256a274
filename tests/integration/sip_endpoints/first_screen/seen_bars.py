# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where the virtual camera's bars are on a screen, to the pixel: eight of one width, side by side.

Eight equal bars over a whole picture tell how it was scaled both ways: a circle in it is one on
the screen where both scales are the same.
"""

from dataclasses import dataclass

# White, yellow, cyan, green, magenta, red, blue; the eighth is black, as a margin may be.
COLOURS = tuple(map(bytes, ([1, 1, 1], [1, 1, 0], [0, 1, 1], [0, 1, 0])))
COLOURS += tuple(map(bytes, ([1, 0, 1], [1, 0, 0], [0, 0, 1])))


@dataclass(frozen=True)
class Bars:
    """Where a picture of bars begins on a screen and how large it is, in pixels."""

    left: int
    top: int
    width: int
    height: int

    def is_near(self, left: int, top: int, width: int, height: int) -> bool:
        """Tell whether it is there; what is coded loses a pixel or two at an edge."""
        wanted = (left, top, width, height)
        found = (self.left, self.top, self.width, self.height)
        return all(abs(a - b) <= 8 for a, b in zip(found, wanted, strict=True))


class NoBars(Exception):
    """Something else is there; the text says what."""


def bars_in(picture: bytes, left: int, width: int) -> Bars:
    """Find the bars in a part of a PPM, from `left` on. Raise NoBars."""
    head, pixels = picture.split(b"\n255\n", 1)
    across, down = map(int, head.split()[1:3])

    def colour(x: int, y: int) -> bytes:
        start = 3 * (y * across + x)
        return bytes(each > 128 for each in pixels[start : start + 3])

    middle = [colour(x, down // 2) for x in range(left, left + width)]
    runs = _runs(middle)
    found = [run for run in runs if run[0] != bytes(3)]
    if tuple(run[0] for run in found) != COLOURS:
        raise NoBars(f"{len(runs)} colours, {runs[0][0].hex()} first")
    first, last = found[0][1], found[-1][2]
    column = [colour(left + first + 4, y) for y in range(down)]
    high = [run for run in _runs(column) if run[0] == COLOURS[0]]
    if len(high) != 1:
        raise NoBars(f"{len(high)} white parts, one below the other")
    return Bars(
        left + first, high[0][1], round((last - first) * 8 / 7), high[0][2] - high[0][1]
    )


def _runs(colours: list[bytes]) -> list[tuple[bytes, int, int]]:
    """Give what follows each other, with its beginning and end; not what is thin as an edge."""
    found: list[tuple[bytes, int, int]] = []
    for at, each in enumerate(colours):
        if found and found[-1][0] == each:
            found[-1] = (each, found[-1][1], at + 1)
        else:
            found.append((each, at, at + 1))
    return [run for run in found if run[2] - run[1] > 4]
