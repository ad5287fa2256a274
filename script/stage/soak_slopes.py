# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a process keeps of each call: memory and descriptors, as slopes. Pure.

The slope is Theil and Sen's, the median of the slopes between all pairs of calls: one
collection of garbage, or one call that needed more, does not bend it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median

# Caches, pools and code that is loaded when it is first needed are filled by then.
WARM_UP_SHARE = 0.2
# A process seen in fewer calls has no slope: it came and went, as a scan's does.
LEAST_POINTS = 3


@dataclass(frozen=True)
class Sample:
    """A process after a call."""

    memory_kb: float
    descriptors: int


@dataclass(frozen=True)
class Slope:
    """What a process grew by, for each call after the warm-up."""

    process: str
    calls: int
    first_kb: float
    last_kb: float
    kb_per_call: float
    descriptors_per_call: float


def slope_of(values: Sequence[tuple[float, float]]) -> float:
    """Give the median slope of pairs (call, value); 0 where there are not two."""
    slopes = [
        (later - earlier) / (after - before)
        for (before, earlier), (after, later) in combinations(values, 2)
        if after != before
    ]
    return median(slopes) if slopes else 0.0


def slopes_of(
    rounds: Sequence[Mapping[str, Sample]], warm_up_share: float = WARM_UP_SHARE
) -> list[Slope]:
    """Give the slope of each process that lived on, by name; `rounds` has one map a call."""
    settled = list(enumerate(rounds))[int(len(rounds) * warm_up_share) :]
    names = {name for _, samples in settled for name in samples}
    found = []
    for name in sorted(names):
        points = [(call, samples[name]) for call, samples in settled if name in samples]
        if len(points) < max(LEAST_POINTS, len(settled) // 2):
            continue
        memory = [(float(call), sample.memory_kb) for call, sample in points]
        files = [(float(call), float(sample.descriptors)) for call, sample in points]
        found.append(
            Slope(
                name,
                len(points),
                memory[0][1],
                memory[-1][1],
                slope_of(memory),
                slope_of(files),
            )
        )
    return found


def table(slopes: Sequence[Slope]) -> list[str]:
    """Give the slopes as lines of a table, what grows most first."""
    lines = [
        f"{'process':32} {'calls':>5} {'first MB':>9} {'last MB':>9}"
        f" {'kB/call':>9} {'files/call':>10}"
    ]
    for each in sorted(slopes, key=lambda slope: -slope.kb_per_call):
        lines.append(
            f"{each.process:32} {each.calls:5d} {each.first_kb / 1000:9.1f}"
            f" {each.last_kb / 1000:9.1f} {each.kb_per_call:9.1f}"
            f" {each.descriptors_per_call:10.2f}"
        )
    return lines
