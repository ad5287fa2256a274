# SPDX-License-Identifier: AGPL-3.0-or-later
"""desk.fps: pictures a second in a call, both ways, beside a bare JsSIP page in the same call."""

import time
from statistics import median

from measure.desk_ground import DeskGround
from measure.rows import Figures

RUNS = 3
# The first seconds are those of the key frames.
SETTLE_SECONDS = 4.0
WINDOW_SECONDS = 10.0

Pair = tuple[float, float]


def measure() -> Figures:
    """Count in both in turn; the row has the slower way of each call."""
    ours: list[Pair] = []
    theirs: list[Pair] = []
    with DeskGround(bare=True) as ground:
        for _ in range(RUNS):
            for call, told in ((ground.desk_call, ours), (ground.bare_call, theirs)):
                with call() as far:
                    ground.first_pictures_ms(far)
                    time.sleep(SETTLE_SECONDS)
                    told.append(ground.pictures_a_second(far, WINDOW_SECONDS))
    return Figures(
        tuple(map(min, ours)),
        tuple(map(min, theirs)),
        (_told("the desk", ours), _told("the bare page", theirs)),
    )


def _told(whose: str, pairs: list[Pair]) -> str:
    here, there = (median(values) for values in zip(*pairs, strict=True))
    return f"{whose}: {here:.1f} pictures/s in it, {there:.1f} at the kiosk"
