# SPDX-License-Identifier: AGPL-3.0-or-later
"""endpoint.memory: what one endpoint in a steady video call keeps for itself."""

from statistics import median

from measure.rows import Figures
from measure.steady_call import figures, sample_in_turn

# Memory is settled a few seconds into a call and hardly differs between calls.
RUNS = 3
WINDOW_SECONDS = 2.0


def measure() -> Figures:
    """Return the unique set size, in megabytes of 1,000,000 bytes."""
    ours, theirs = sample_in_turn(RUNS, WINDOW_SECONDS)
    resident = [
        median(sample.resident_mb for sample in samples) for samples in (ours, theirs)
    ]
    return figures(
        ours,
        theirs,
        "unique_mb",
        f"resident with shared libraries: ours {resident[0]:.0f} MB,"
        f" baresip {resident[1]:.0f} MB",
    )
