# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which page of which PDF is taken into another, and how it is turned; pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PageTaken:
    """A page to take, counted from 1 in the `source`-th PDF, counted from 0.

    It is turned clockwise by `turn` (quarters), then by `askew` (degrees).
    """

    source: int
    page: int
    turn: int = 0
    askew: float = 0.0
