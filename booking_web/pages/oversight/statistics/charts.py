# SPDX-License-Identifier: AGPL-3.0-or-later
"""Bars drawn by the server: how long each is, in parts of the longest; pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

Row = TypeVar("Row")
# The longest bar, in the units of the drawing.
FULL = 100.0


@dataclass(frozen=True)
class Bar:
    """A bar, the part of it that is filled, and what both stand for in words."""

    name: str
    length: float
    filled: float
    words: str


def bars(
    rows: Iterable[Row],
    name: Callable[[Row], str],
    whole: Callable[[Row], float | None],
    words: Callable[[Row], str],
    part: Callable[[Row], float | None] | None = None,
) -> Sequence[Bar]:
    """Draw a bar for each row; what is not told has none. Empty where nothing is told."""
    told = list(rows)
    lengths = [whole(each) or 0.0 for each in told]
    longest = max(lengths, default=0.0)
    if not longest:
        return ()
    return [
        Bar(
            name(each),
            _part(length, longest),
            _part((part or whole)(each) or 0.0, longest),
            words(each),
        )
        for each, length in zip(told, lengths, strict=True)
    ]


def _part(length: float, longest: float) -> float:
    return round(FULL * min(length, longest) / longest, 1)
