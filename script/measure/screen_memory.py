# SPDX-License-Identifier: AGPL-3.0-or-later
"""screen.memory: memory of the whole kiosk in a call, second screen and all."""

from measure.rows import Figures
from measure.screen_whole import parts_note, sample_calls

RUNS = 3


def measure() -> Figures:
    """Return the sum over the session, the telephone and the browser."""
    samples = sample_calls(RUNS)
    whole = tuple(sum(each.memory_mb.values()) for each in samples)
    return Figures(whole, (), (parts_note(samples, "memory_mb", "MB"),))
