# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fields that are the day, the month and the year of one date, each for its digits; pure."""

from collections.abc import Sequence
from typing import NamedTuple

from booking_web.domain.forms.description import Rectangle

PARTS = ("jour", "mois", "année")
# Between day, month and year.
PARTS_APART = 16.0
# How many digits day, month and year have.
_DAYS = ((2, 2, 4), (2, 2, 2))


class Cells(NamedTuple):
    """A place for so many digits."""

    rectangle: Rectangle
    digits: int


def days(cells: Sequence[Cells]) -> list[tuple[int, int, int]]:
    """Give the numbers, among these on one page, of the day, month and year of each date."""
    order = sorted(
        range(len(cells)),
        key=lambda number: (
            round(cells[number].rectangle.bottom),
            cells[number].rectangle.x,
        ),
    )
    together: list[tuple[int, int, int]] = []
    at = 0
    while at + 2 < len(order):
        day, month, year = (cells[number] for number in order[at : at + 3])
        sizes = (day.digits, month.digits, year.digits)
        is_row = sizes in _DAYS and _follow(day, month) and _follow(month, year)
        # Five twos in a row are a telephone number.
        is_longer = sizes == (2, 2, 2) and (
            (at > 0 and _follow(cells[order[at - 1]], day))
            or (at + 3 < len(order) and _follow(year, cells[order[at + 3]]))
        )
        if is_row and not is_longer:
            together.append((order[at], order[at + 1], order[at + 2]))
            at += 3
        else:
            at += 1
    return together


def _follow(one: Cells, other: Cells) -> bool:
    apart = other.rectangle.x - one.rectangle.right
    level = abs(one.rectangle.bottom - other.rectangle.bottom) <= 2
    return level and -1 <= apart <= PARTS_APART
