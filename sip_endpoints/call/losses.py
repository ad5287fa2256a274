# SPDX-License-Identifier: AGPL-3.0-or-later
"""How many packets were lost, and how sure that is (pure)."""

from collections import deque
from dataclasses import dataclass
from math import sqrt

# So many standard deviations: about one look in a thousand is wrong by chance.
SURE = 3.0


@dataclass(frozen=True, slots=True)
class Loss:
    """Packets that were lost, of those that were sent."""

    lost: float
    of: float

    @property
    def share(self) -> float:
        """Give what was lost, from 0 to 1; 0 where nothing was sent."""
        return min(1.0, max(0.0, self.lost / self.of)) if self.of > 0 else 0.0

    def least(self) -> float:
        """Give the share that the line surely loses (Wilson's lower bound)."""
        if self.of <= 0:
            return 0.0
        doubt = SURE * SURE / self.of
        spread = SURE * sqrt(
            (self.share * (1 - self.share) + doubt / 4) / max(1.0, self.of)
        )
        return max(0.0, (self.share + doubt / 2 - spread) / (1 + doubt))


NONE_SEEN = Loss(0, 0)


class LossCourse:
    """The losses of the last seconds, as one source tells them."""

    def __init__(self, kept_seconds: float) -> None:
        self._kept_seconds = kept_seconds
        self._seen: deque[tuple[float, Loss]] = deque()

    def add(self, now: float, loss: Loss) -> None:
        """Take in what was told since the look before."""
        if loss.of > 0:
            self._seen.append((now, loss))
        while self._seen and now - self._seen[0][0] >= self._kept_seconds:
            self._seen.popleft()

    def over(self, now: float, seconds: float) -> Loss:
        """Give what was lost in the last seconds."""
        return _sum([loss for at, loss in self._seen if now - at < seconds])

    def without_worst(self, now: float, seconds: float) -> Loss:
        """Give the same without its worst look: a line that is cut for a second, or a report
        that tells of two, says nothing of how much the line carries.
        """
        looks = [loss for at, loss in self._seen if now - at < seconds]
        looks.sort(key=lambda loss: loss.lost)
        return _sum(looks[:-1])

    def count_over(self, share: float) -> int:
        """Count the looks at which more was lost, but something came: a cut is no full line."""
        return sum(share <= loss.share < 1 for _, loss in self._seen)

    def latest(self) -> Loss:
        """Give what was lost in the last two looks: what is too much now, undiluted."""
        return _sum([loss for _, loss in self._seen][-2:])

    def clear(self) -> None:
        """Forget all: it says nothing of what is sent from here on."""
        self._seen.clear()


def _sum(looks: list[Loss]) -> Loss:
    return Loss(sum(one.lost for one in looks), sum(one.of for one in looks))
