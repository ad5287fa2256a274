# SPDX-License-Identifier: AGPL-3.0-or-later
"""When to register again: soon at first, then steadily, for ever."""

from dataclasses import dataclass, field
from random import Random

# Asterisk's return must be noticed within 10 s, so the longest wait stays well below;
# an answered refusal (wrong secret, unknown user) changes only when a person acts.
LOST_DELAYS_SECONDS: tuple[float, ...] = (0.5, 1.0, 2.0, 3.0)
REFUSED_DELAYS_SECONDS = (2.0, 5.0, 10.0, 20.0)
REFUSALS = frozenset({401, 403, 404, 407})
# A time-out has waited already: a starting Asterisk takes connections before requests.
TIME_OUT, TIME_OUT_DELAYS_SECONDS = 408, (0.5, 1.0)


@dataclass(slots=True)
class Backoff:
    """The delays before the next attempts, each with a jitter of a quarter.

    The jitter keeps a hundred kiosks from returning in the same second.
    """

    random: Random = field(default_factory=Random)
    attempts: int = 0

    def next_delay_seconds(self, code: int = 0) -> float:
        """Return the wait after a failure with this SIP status (0: no answer)."""
        delays = LOST_DELAYS_SECONDS
        if code in REFUSALS:
            delays = REFUSED_DELAYS_SECONDS
        elif code == TIME_OUT:
            delays = TIME_OUT_DELAYS_SECONDS
        delay = delays[min(self.attempts, len(delays) - 1)]
        self.attempts += 1
        return delay * self.random.uniform(0.75, 1.25)

    def reset(self) -> None:
        """Begin anew after a success."""
        self.attempts = 0
