# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who of several speaks, by how loud each is from one look to the next. Pure.

Steady rather than quick: a click is nobody, and a pause between two words does not end it.
"""

from collections import deque

# Of 255, by the stack's measure: our spoken prompts are at 7 to 32, and 0 between their sentences.
SPEAKING_LEVEL = 8
LOOK_SECONDS = 0.1
# So many of the last looks are loud where somebody speaks; one or two may be a click.
LOUD_LOOKS, LOOKS = 3, 5
HOLD_SECONDS = 1.5


class Speaking:
    """Whether one of them speaks; times are of one monotonic clock."""

    def __init__(self) -> None:
        self._loud: deque[bool] = deque(maxlen=LOOKS)
        self._until = 0.0
        self._look_at = 0.0

    def take(self, level: int, now: float) -> bool:
        """Take how loud they are now; looks that come too soon say nothing."""
        if now >= self._look_at:
            self._look_at = now + LOOK_SECONDS
            self._loud.append(level >= SPEAKING_LEVEL)
            if sum(self._loud) >= LOUD_LOOKS:
                self._until = now + HOLD_SECONDS
        return now < self._until
