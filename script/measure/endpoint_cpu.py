# SPDX-License-Identifier: AGPL-3.0-or-later
"""endpoint.cpu: CPU seconds per second of one endpoint in a steady video call."""

from measure.rows import Figures
from measure.steady_call import figures, sample_in_turn

# A run is a window of ten seconds, already a mean over 200 pictures: five of them a side
# agree within some percent, and twenty would take a quarter of an hour.
RUNS = 5
WINDOW_SECONDS = 10.0


def measure() -> Figures:
    """Return percents of one core, user and system time together."""
    ours, theirs = sample_in_turn(RUNS, WINDOW_SECONDS)
    return figures(ours, theirs, "cpu_percent")
