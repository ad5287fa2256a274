# SPDX-License-Identifier: AGPL-3.0-or-later
"""endpoint.memory: what one endpoint in a steady video call keeps for itself."""

from statistics import median

from measure.rows import Figures
from measure.steady_call import figures, sample_in_turn

# Memory is settled a few seconds into a call; what grows from call to call shows in the
# spread.
RUNS = 3
WINDOW_SECONDS = 2.0


def measure() -> Figures:
    """Return the resident set size, in megabytes of 1,000,000 bytes.

    Not the unique size: the far end is a baresip too and would share the peer's code.
    """
    ours, theirs = sample_in_turn(RUNS, WINDOW_SECONDS)
    unique = [
        median(sample.unique_mb for sample in samples) for samples in (ours, theirs)
    ]
    return figures(
        ours,
        theirs,
        "resident_mb",
        f"not shared with any other process: ours {unique[0]:.0f} MB,"
        f" baresip {unique[1]:.0f} MB (which shares its code with the far end)",
    )
