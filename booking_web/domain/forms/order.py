# SPDX-License-Identifier: AGPL-3.0-or-later
"""The order in which a person fills in a form: page by page, line by line.

The tab order of a PDF is left aside: in many forms it is that of their making.
"""

from collections.abc import Sequence
from statistics import median
from typing import TypeVar

from booking_web.domain.forms.description import Place, Rectangle

T = TypeVar("T")

# Two things are on one line when they share this part of the lower one's height.
SAME_LINE = 0.5
# What is higher than this many usual lines is a block and stands on a line of its own.
BLOCK_LINES = 2.5


def in_reading_order(items: Sequence[tuple[Place, T]]) -> list[T]:
    """Give the items in the order of their places: by page, line, then column."""
    ordered: list[T] = []
    for page in sorted({place.page for place, _ in items}):
        there = [(each.rectangle, item) for each, item in items if each.page == page]
        ordered.extend(_on_page(there))
    return ordered


def _on_page(items: list[tuple[Rectangle, T]]) -> list[T]:
    usual = median(each.height for each, _ in items)
    lines: list[list[tuple[Rectangle, T]]] = []
    for item in sorted(items, key=lambda each: (_middle(each[0], usual), each[0].x)):
        if lines and _are_on_one_line(lines[-1][0][0], item[0], usual):
            lines[-1].append(item)
        else:
            lines.append([item])
    return [
        item for line in lines for _, item in sorted(line, key=lambda each: each[0].x)
    ]


def _middle(rectangle: Rectangle, usual: float) -> float:
    """Give the height at which a person looks first: the first line of a block."""
    height = min(rectangle.height, BLOCK_LINES * usual)
    return rectangle.y + (height if height < BLOCK_LINES * usual else usual) / 2


def _are_on_one_line(first: Rectangle, second: Rectangle, usual: float) -> bool:
    lower = min(first.height, second.height, BLOCK_LINES * usual)
    distance = abs(_middle(first, usual) - _middle(second, usual))
    return distance <= max(lower, usual) * SAME_LINE
