# SPDX-License-Identifier: AGPL-3.0-or-later
"""How fast this machine is now, and how patient a run has to be on it.

`python -P script/stage/pace.py` prints what script/test has as GUICHET_PATIENCE: by how much every
deadline of tests and stage is stretched (stage/waiting.py).
"""

import statistics
import time

TURNS, ROUNDS = 1_000_000, 5
# What that many turns take on the machine on which the budgets of CONTRIBUTING.md were measured.
USUAL_SECONDS = 0.018
# Nobody waits as long as a deadline allows where all is well, so one of a run that has the
# machine for itself may be late, too: another program may begin in the middle of it.
LEAST, MOST = 3.0, 12.0


def main() -> None:
    """Measure, and print the patience."""
    print(f"{patience(slowness()):.1f}")


def slowness() -> float:
    """Give how many times as long as usual a fixed loop takes, by the clock on the wall."""
    return statistics.median(_round() for _ in range(ROUNDS)) / USUAL_SECONDS


def patience(slow: float) -> float:
    """Give by how much deadlines are stretched on a machine that is `slow` times slower."""
    return min(MOST, LEAST * max(1.0, slow))


def _round() -> float:
    began = time.perf_counter()
    for _ in range(TURNS):
        pass
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
