# SPDX-License-Identifier: AGPL-3.0-or-later
"""How well each of two sees and hears the other, in one word for each way (pure).

Told to people, so it changes slowly: what gets worse is told after some seconds, what gets
better only once it lasted.
"""

from enum import StrEnum


class LineQuality(StrEnum):
    """What comes over in one direction of a call."""

    GOOD = "good"
    COARSE = "coarse"
    # The sound comes, the picture does not.
    NO_PICTURE = "no_picture"
    # The sound itself is broken.
    BROKEN = "broken"


# So much of the sound that is lost is heard, and of the picture seen.
BROKEN_LOSS, COARSE_LOSS = 0.15, 0.08
# Fewer pictures a second are seen as jerks; none at all is another thing.
COARSE_PICTURES = 8.0
WORSE_SECONDS, BETTER_SECONDS = 6.0, 15.0
_ORDER = list(LineQuality)


def quality_sent(loss: float, rung: int, lowest_rung: int) -> LineQuality:
    """Judge what we send: its loss, and the ladder's rung (the lowest is sound alone)."""
    if loss >= BROKEN_LOSS:
        return LineQuality.BROKEN
    if rung == lowest_rung:
        return LineQuality.NO_PICTURE
    if loss >= COARSE_LOSS or rung == lowest_rung - 1:
        return LineQuality.COARSE
    return LineQuality.GOOD


def quality_received(
    loss: float, pictures: float, *, had_pictures: bool
) -> LineQuality:
    """Judge what comes; who never sent a picture has no camera, and a line that is well."""
    if loss >= BROKEN_LOSS:
        return LineQuality.BROKEN
    if had_pictures and pictures < 1:
        return LineQuality.NO_PICTURE
    if loss >= COARSE_LOSS or (had_pictures and pictures < COARSE_PICTURES):
        return LineQuality.COARSE
    return LineQuality.GOOD


class ToldQuality:
    """One way's quality as it is told: changed only where it lasts."""

    def __init__(self) -> None:
        self.told = LineQuality.GOOD
        self._differs_since: float | None = None

    def look(self, now: float, seen: LineQuality) -> None:
        """Take in what is seen now."""
        is_worse = _ORDER.index(seen) > _ORDER.index(self.told)
        if seen is self.told:
            self._differs_since = None
            return
        if self._differs_since is None:
            self._differs_since = now
        needed = WORSE_SECONDS if is_worse else BETTER_SECONDS
        if now - self._differs_since >= needed:
            self.told, self._differs_since = seen, None
