# SPDX-License-Identifier: AGPL-3.0-or-later
"""desk.first_picture: the counsellor answers in the page -> both have a picture of each other.

The peer is a bare JsSIP page, called by a bare Dial.
"""

from statistics import median

from measure.desk_ground import DeskGround
from measure.rows import Figures

RUNS = 10
WARM_UP_RUNS = 1

Pair = tuple[float, float]


def measure() -> Figures:
    """Answer in both in turn."""
    ours: list[Pair] = []
    theirs: list[Pair] = []
    with DeskGround(bare=True) as ground:
        for _ in range(WARM_UP_RUNS + RUNS):
            for call, told in ((ground.desk_call, ours), (ground.bare_call, theirs)):
                with call() as far:
                    told.append(ground.first_pictures_ms(far))
    ours, theirs = ours[WARM_UP_RUNS:], theirs[WARM_UP_RUNS:]
    return Figures(
        tuple(map(max, ours)),
        tuple(map(max, theirs)),
        (_told("the desk", ours), _told("the bare page", theirs)),
    )


def _told(whose: str, pairs: list[Pair]) -> str:
    here, there = (median(values) for values in zip(*pairs, strict=True))
    return f"{whose}: {here:.0f} ms to the kiosk's picture, {there:.0f} ms to its own there"
