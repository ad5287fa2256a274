# SPDX-License-Identifier: AGPL-3.0-or-later
"""Between the coordinates of a PDF (from below, not turned) and the page as it is seen."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from booking_web.domain.forms.description import Rectangle

Corners = tuple[float, float, float, float]

A4: Corners = (0.0, 0.0, 595.276, 841.89)
# PDF readers draw no page larger than 200 inches (ISO 32000-1, annex C).
LARGEST = 14400.0


def corners_of(numbers: Sequence[object]) -> Corners | None:
    """Give left, bottom, right, top in this order; None where they are no rectangle."""
    try:
        found = [float(str(each)) for each in numbers]
    except ValueError:
        return None
    if len(found) != 4 or not all(math.isfinite(each) for each in found):
        return None
    left, right = sorted((found[0], found[2]))
    bottom, top = sorted((found[1], found[3]))
    return left, bottom, right, top


def common(first: Corners, second: Corners) -> Corners | None:
    """Give what two rectangles share, None where that is nothing."""
    left, bottom = max(first[0], second[0]), max(first[1], second[1])
    right, top = min(first[2], second[2]), min(first[3], second[3])
    return (left, bottom, right, top) if right > left and top > bottom else None


@dataclass(frozen=True)
class Sheet:
    """A page's visible part in its own coordinates, and how far it is turned (degrees)."""

    corners: Corners
    turned: int

    @property
    def width(self) -> float:
        """Give the width of the page as it is seen."""
        return self._across if self.turned % 180 == 0 else self._up

    @property
    def height(self) -> float:
        """Give the height of the page as it is seen."""
        return self._up if self.turned % 180 == 0 else self._across

    @property
    def _across(self) -> float:
        return self.corners[2] - self.corners[0]

    @property
    def _up(self) -> float:
        return self.corners[3] - self.corners[1]

    def seen(self, corners: Corners) -> Rectangle:
        """Give where a rectangle of the PDF is seen."""
        x1, y1 = self._point_seen(corners[0], corners[1])
        x2, y2 = self._point_seen(corners[2], corners[3])
        x, y = min(x1, x2), min(y1, y2)
        return Rectangle(
            round(x, 2), round(y, 2), round(abs(x1 - x2), 2), round(abs(y1 - y2), 2)
        )

    def in_pdf(self, seen: Rectangle) -> Corners:
        """Give the rectangle of the PDF that is seen there."""
        x1, y1 = self._point_in_pdf(seen.x, seen.y)
        x2, y2 = self._point_in_pdf(seen.right, seen.bottom)
        return min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)

    def _point_seen(self, x: float, y: float) -> tuple[float, float]:
        x, y = x - self.corners[0], self.corners[3] - y
        if self.turned == 90:
            return self._up - y, x
        if self.turned == 180:
            return self._across - x, self._up - y
        if self.turned == 270:
            return y, self._across - x
        return x, y

    def _point_in_pdf(self, x: float, y: float) -> tuple[float, float]:
        if self.turned == 90:
            x, y = y, self._up - x
        elif self.turned == 180:
            x, y = self._across - x, self._up - y
        elif self.turned == 270:
            x, y = self._across - y, x
        return x + self.corners[0], self.corners[3] - y


def sheet(
    media: Sequence[object], crop: Sequence[object] | None, turned: object
) -> Sheet:
    """Give the page that a reader shows; what makes no sense is as readers take it."""
    whole = corners_of(media) or A4
    visible = common(whole, corners_of(crop) or whole) if crop is not None else whole
    visible = visible or whole
    if not 1 <= visible[2] - visible[0] <= LARGEST:
        visible = A4
    if not 1 <= visible[3] - visible[1] <= LARGEST:
        visible = A4
    try:
        degrees = int(str(turned)) % 360
    except ValueError:
        degrees = 0
    return Sheet(visible, degrees if degrees % 90 == 0 else 0)
