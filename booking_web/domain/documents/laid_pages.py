# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pages of a scan as they are laid on the table: turned, cropped, moved, dropped. Pure.

Each function gives the pages anew and leaves those it was given as they were.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

# A smaller rectangle is a slip of the mouse.
SMALLEST_SIDE = 0.02
# What is nearer to the whole than this is the whole.
WHOLE_WITHIN = 0.002
HALF_TURN, FULL_TURN = 180, 360


class LayingRefused(Exception):
    """The pages cannot be laid so; the classes below say why."""


class NoSuchPage(LayingRefused):
    """The page is not on the table any more."""


class LastPage(LayingRefused):
    """A document without a page is none: it is removed, not emptied."""


class TooManyPages(LayingRefused):
    """More pages than a document may have."""


class NoRectangle(LayingRefused):
    """What is to be left of the page is no rectangle on it."""


class Turn(StrEnum):
    """Which way a page is turned."""

    LEFT = "left"
    RIGHT = "right"
    HALF = "half"


_DEGREES = {Turn.LEFT: 270, Turn.RIGHT: 90, Turn.HALF: HALF_TURN}


@dataclass(frozen=True)
class Crop:
    """What is left of a page, in fractions of its width and height from its upper left."""

    left: float
    top: float
    right: float
    bottom: float

    def __post_init__(self) -> None:
        """Refuse (NoRectangle) what is no rectangle on a page."""
        sides = (self.left, self.top, self.right, self.bottom)
        if not all(math.isfinite(side) and 0 <= side <= 1 for side in sides):
            raise NoRectangle
        if (
            self.right - self.left < SMALLEST_SIDE
            or self.bottom - self.top < SMALLEST_SIDE
        ):
            raise NoRectangle

    @property
    def is_whole(self) -> bool:
        """Tell whether the page stays as large as it is."""
        return max(self.left, self.top, 1 - self.right, 1 - self.bottom) <= WHOLE_WITHIN

    def turned(self, degrees: int) -> "Crop":
        """Give the same rectangle as it lies once the page is turned clockwise."""
        left, top, right, bottom = self.left, self.top, self.right, self.bottom
        for _ in range(degrees % FULL_TURN // 90):
            left, top, right, bottom = 1 - bottom, left, 1 - top, right
        return Crop(left, top, right, bottom)


@dataclass(frozen=True)
class LaidPage:
    """A page on the table: of which content, and how it is to lie.

    `crop` is of the page as it lies in its document, before it is turned.
    """

    # Never another page's, in the life of an arrangement.
    key: int
    document_id: int
    # Of the document when the page was laid: it may be another one since.
    sha256: str
    page: int
    turn: int = 0
    crop: Crop | None = None

    @property
    def is_as_scanned(self) -> bool:
        """Tell whether nothing was done to the page itself."""
        return not self.turn and self.crop is None

    @property
    def seen_crop(self) -> Crop:
        """Give what is left of it, as the turned page is seen."""
        return (self.crop or Crop(0, 0, 1, 1)).turned(self.turn)

    def to_json(self) -> dict[str, Any]:
        """Give it as it is stored."""
        crop = self.crop
        return {
            "key": self.key,
            "document": self.document_id,
            "sha256": self.sha256,
            "page": self.page,
            "turn": self.turn,
            "crop": crop and [crop.left, crop.top, crop.right, crop.bottom],
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "LaidPage":
        """Give the page of what was stored."""
        crop = stored["crop"]
        return cls(
            stored["key"],
            stored["document"],
            stored["sha256"],
            stored["page"],
            stored["turn"],
            Crop(*crop) if crop else None,
        )


Pages = Sequence[LaidPage]


def pages_of(
    document_id: int, sha256: str, count: int, first_key: int
) -> list[LaidPage]:
    """Lay all pages of a document as they lie in it."""
    return [
        LaidPage(first_key + index, document_id, sha256, index + 1)
        for index in range(count)
    ]


def find_page(pages: Pages, key: int) -> LaidPage:
    """Give the page with this key; raises NoSuchPage."""
    found = next((page for page in pages if page.key == key), None)
    if found is None:
        raise NoSuchPage
    return found


def turn_page(pages: Pages, key: int, turn: Turn) -> list[LaidPage]:
    """Turn a page."""
    page = find_page(pages, key)
    turned = replace(page, turn=(page.turn + _DEGREES[turn]) % FULL_TURN)
    return _with(pages, key, [turned])


def crop_page(pages: Pages, key: int, seen: Crop) -> list[LaidPage]:
    """Leave of a page the rectangle that was seen on it as it is turned now."""
    page = find_page(pages, key)
    crop = None if seen.is_whole else seen.turned(FULL_TURN - page.turn)
    return _with(pages, key, [replace(page, crop=crop)])


def move_page(pages: Pages, key: int, steps: int) -> list[LaidPage]:
    """Move a page so many places on (or back, below 0); at the end it stays there."""
    page = find_page(pages, key)
    others = [each for each in pages if each.key != key]
    place = list(pages).index(page) + steps
    others.insert(max(0, min(place, len(others))), page)
    return others


def drop_page(pages: Pages, key: int) -> list[LaidPage]:
    """Take a page off the table; raises LastPage for the only one."""
    find_page(pages, key)
    if len(pages) == 1:
        raise LastPage
    return _with(pages, key, [])


def put_in_place(pages: Pages, key: int, come: Iterable[LaidPage]) -> list[LaidPage]:
    """Put the pages that came in the place of one."""
    find_page(pages, key)
    return _with(pages, key, come)


def _with(pages: Pages, key: int, instead: Iterable[LaidPage]) -> list[LaidPage]:
    laid: list[LaidPage] = []
    for page in pages:
        laid.extend(instead if page.key == key else [page])
    return laid
