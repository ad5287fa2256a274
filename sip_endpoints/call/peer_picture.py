# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whether the picture of somebody else's telephone is taken over a line that is full (pure).

Our own telephones send less by themselves. Another one knows nothing of the line behind Asterisk,
and what nobody can slow down costs the sound: then the picture is asked off, and asked for again
later. Where that was no cure, the line is bad and not full, and the picture is taken as it comes.

Times are seconds of one monotonic clock.
"""

from enum import StrEnum

from sip_endpoints.call.losses import Loss, LossCourse

# So much of all that comes is surely lost, within so long: the sound suffers.
REFUSE_LOSS, WATCHED_SECONDS = 0.08, 6.0
# More than a known line may carry, for so long: a moment's burst is none.
TOO_MUCH_SECONDS = 5.0
# What is agreed on anew takes so long to be seen; then sound alone tells in so many packets.
SETTLE_SECONDS, TELLING_PACKETS = 3.0, 250
# So much of the loss before is the same loss, and half as much again is another.
SAME_SHARE, WORSE_SHARE = 0.5, 1.5
LEAST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 60.0, 600.0


class Wish(StrEnum):
    """What the peer is to be asked for now."""

    NOTHING = "nothing"
    PICTURE_OFF = "picture_off"
    PICTURE_ON = "picture_on"


class PeerPicture:
    """What comes from one call's peer; the owner asks it about once a second."""

    def __init__(self, now: float, most_kbps: float | None = None) -> None:
        self._most_kbps = most_kbps
        self._course = LossCourse(WATCHED_SECONDS)
        self._settled_at = now + SETTLE_SECONDS
        self._limit = REFUSE_LOSS
        self._fits_until = self._asked_again_at = now
        self._pause_seconds = LEAST_PAUSE_SECONDS
        self._before = 0.0
        self._is_judged = False
        self.is_taken = True

    def look(self, now: float, loss: Loss, came_kbps: float, *, is_ours: bool) -> Wish:
        """Take in what was lost on the way to us since the look before, and what came."""
        if is_ours:
            return Wish.NOTHING if self.is_taken else self._ask(now, is_taken=True)
        if self._most_kbps is None or came_kbps <= self._most_kbps:
            self._fits_until = now
        if now < self._settled_at:
            return Wish.NOTHING
        self._course.add(now, loss)
        if self.is_taken:
            return self._look_at_picture(now)
        return self._look_at_sound(now)

    def _look_at_picture(self, now: float) -> Wish:
        is_lossy = (
            self._course.without_worst(now, WATCHED_SECONDS).least() >= self._limit
        )
        if not is_lossy and now - self._fits_until < TOO_MUCH_SECONDS:
            return Wish.NOTHING
        self._before = self._course.over(now, WATCHED_SECONDS).share
        # Where it is known to be too much, sound alone proves nothing of the line.
        self._is_judged = not is_lossy
        return self._ask(now, is_taken=False)

    def _look_at_sound(self, now: float) -> Wish:
        seen = self._course.over(now, WATCHED_SECONDS)
        if not self._is_judged and seen.of >= TELLING_PACKETS:
            self._is_judged = True
            if seen.share >= SAME_SHARE * self._before:
                self._limit = max(REFUSE_LOSS, WORSE_SHARE * self._before)
                return self._ask(now, is_taken=True)
        if now < self._asked_again_at:
            return Wish.NOTHING
        return self._ask(now, is_taken=True)

    def _ask(self, now: float, *, is_taken: bool) -> Wish:
        self.is_taken = is_taken
        self._course.clear()
        self._settled_at = now + SETTLE_SECONDS
        self._fits_until = now
        if is_taken:
            return Wish.PICTURE_ON
        self._asked_again_at = now + self._pause_seconds
        self._pause_seconds = min(2 * self._pause_seconds, LONGEST_PAUSE_SECONDS)
        return Wish.PICTURE_OFF
