# SPDX-License-Identifier: AGPL-3.0-or-later
"""How much picture a line carries: the rung of a ladder, from what the peers report (pure).

Sound comes first. What is lost beyond what the line always loses means that too much is sent:
down at once, to what fits into 70 % of what came through. Up again by one rung at a time within
that share, by itself. After a minute, and later each time that it did not hold, the line is
tried with more than it carried: it may be a better one now. A line that loses as much with a
small picture as with a large one is not full but bad: there, less is no cure.

Times are seconds of one monotonic clock, losses are shares from 0 to 1.
"""

from dataclasses import dataclass, replace

from sip_endpoints.settings import Picture


@dataclass(frozen=True, slots=True)
class Rung:
    """A step of the ladder; without a picture it is sound alone."""

    picture: Picture | None

    @property
    def total_kbps(self) -> int:
        """Give what goes over the line, the sound and all headers included."""
        if self.picture is None:
            return SOUND_KBPS
        return SOUND_KBPS + round(self.picture.bitrate_kbps * HEADERS)


# Opus in packets of 20 ms with RTP, SRTP, UDP and IP; the share of the same in a picture.
SOUND_KBPS, HEADERS = 60, 1.08
# Each rung has this share of the one above; below the least, a full picture is a blur.
STEP, LEAST_FULL_KBPS = 0.63, 130
SMALL_KBPS = 80
# Of what a line was seen to carry, so much is used.
USED_SHARE = 0.7
# More is lost than this, or than this share of what the line always loses: act.
ACT_LOSS, ACT_SHARE = 0.03, 0.5
# So much at once: no second look is needed.
BAD_LOSS = 0.1
# A change shows in the reports only after so long; a trial must not cost the sound more.
SETTLE_SECONDS, TRIAL_SECONDS = 6.0, 2.0
# Without loss for so long: one rung up.
WAIT_SECONDS = 8.0
# What the peer tells is a moment's rate, and may be low by chance: not under this share.
LEAST_OF_GUESS = 0.6
# For so long a line is believed to carry no more than it did.
LEAST_BELIEF_SECONDS, LONGEST_BELIEF_SECONDS = 60.0, 600.0
# What a trial sends, of what the line carried; how fast its own loss is learnt.
TRIAL_SHARE, LEARNING_SHARE = 1.05, 0.1
# A loss that stays although so much less is sent is the line's own.
PROVEN_SHARE, SAME_SHARE = 0.5, 0.6
PACKET_BYTES = 1200
# So many pictures must come whole.
WHOLE_SHARE = 0.6


def rungs_of(full: Picture) -> tuple[Rung, ...]:
    """Give the ladder below a picture: its bit rate, then sound alone."""
    rungs = [Rung(full)]
    kbps = full.bitrate_kbps * STEP
    while kbps >= LEAST_FULL_KBPS:
        size = full.width, full.height, full.frames_per_second
        rungs.append(Rung(Picture(round(kbps), *size)))
        kbps *= STEP
    small = replace(full, bitrate_kbps=min(SMALL_KBPS, full.bitrate_kbps))
    if small != full:
        rungs.append(Rung(small))
    return (*rungs, Rung(None))


class Ladder:
    """Where on the ladder one call is; the owner asks it about once a second."""

    def __init__(self, rungs: tuple[Rung, ...], now: float) -> None:
        self._rungs = rungs
        self._at = 0
        self._own_loss = 0.0
        self._settled_at = now + SETTLE_SECONDS
        self._well_since = now
        # What the line carries, once it was seen to be full, and until when that holds.
        self._carried_kbps: float | None = None
        self._belief_seconds = LEAST_BELIEF_SECONDS
        self._believed_until = now
        self._is_trial = False
        # What was lost and what was sent before we went down.
        self._before: tuple[float, int] | None = None
        self._is_doubted = False

    @property
    def rung(self) -> Rung:
        """Give where it is."""
        return self._rungs[self._at]

    @property
    def number(self) -> int:
        """Give the rung's number; 0 is the full picture."""
        return self._at

    @property
    def own_loss(self) -> float:
        """Give what the line loses whatever is sent."""
        return self._own_loss

    def look(self, now: float, loss: float, came_kbps: float | None = None) -> bool:
        """Take in the share of what we sent that was lost; say whether the rung changed.

        `came_kbps` is what came of it, where the peer tells that: it bounds the guess.
        """
        if now < self._settled_at:
            return False
        excess = loss - self._own_loss
        if excess < max(ACT_LOSS, ACT_SHARE * self._own_loss):
            self._is_doubted = False
            self._before = None
            self._own_loss = max(0.0, self._own_loss + LEARNING_SHARE * excess)
            return self._climb(now)
        self._well_since = now
        if excess < BAD_LOSS and not self._is_doubted and not self._is_trial:
            # One look may be chance.
            self._is_doubted = True
            return False
        self._is_doubted = False
        if self._is_its_own(loss):
            self._own_loss, self._before, self._carried_kbps = loss, None, None
            return self._go_to(now, self._highest())
        return self._descend(now, excess, came_kbps)

    def _is_its_own(self, loss: float) -> bool:
        if self._before is None:
            return False
        before_loss, before_kbps = self._before
        has_fallen = self.rung.total_kbps <= PROVEN_SHARE * before_kbps
        return has_fallen and loss >= SAME_SHARE * before_loss

    def _descend(self, now: float, excess: float, came_kbps: float | None) -> bool:
        sent = self.rung.total_kbps
        if self._is_trial:
            self._belief_seconds = min(2 * self._belief_seconds, LONGEST_BELIEF_SECONDS)
        else:
            self._before = self._before or (excess + self._own_loss, sent)
            carried = sent * (1 - min(1.0, excess))
            least = LEAST_OF_GUESS * carried
            self._carried_kbps = min(carried, max(came_kbps or carried, least))
        self._believed_until = now + self._belief_seconds
        # At least one down: what was measured may flatter.
        lower = range(self._at + 1, len(self._rungs))
        fitting = [at for at in lower if self._fits(at)]
        return self._go_to(now, fitting[0] if fitting else len(self._rungs) - 1)

    def _climb(self, now: float) -> bool:
        if self._is_trial and now - self._well_since >= TRIAL_SECONDS:
            # It carries more than it did: another line, or one that is free again.
            self._is_trial, self._carried_kbps = False, None
            self._belief_seconds = LEAST_BELIEF_SECONDS
        highest = self._highest()
        if self._at <= highest or now - self._well_since < WAIT_SECONDS:
            return False
        if self._fits(self._at - 1):
            return self._go_to(now, self._at - 1)
        if now < self._believed_until:
            return False
        least = TRIAL_SHARE * (self._carried_kbps or 0)
        tried = [at for at in range(self._at) if self._rungs[at].total_kbps > least]
        # The full picture where nothing is that much more.
        return self._go_to(now, max([highest, *tried[-1:]]), is_trial=True)

    def _fits(self, at: int) -> bool:
        """Tell whether this rung leaves the line its reserve, as far as it is known."""
        carried = self._carried_kbps
        return carried is None or self._rungs[at].total_kbps <= USED_SHARE * carried

    def _highest(self) -> int:
        """Give the highest rung whose pictures mostly come whole over a line this bad."""
        for at, rung in enumerate(self._rungs):
            picture = rung.picture
            if picture is None:
                break
            bytes_each = picture.bitrate_kbps * 125 / picture.frames_per_second
            packets = max(1.0, bytes_each / PACKET_BYTES)
            if (1 - self._own_loss) ** packets >= WHOLE_SHARE:
                return at
        # Sound gains nothing from a picture that is not sent: some picture is better.
        return max(0, len(self._rungs) - 2)

    def _go_to(self, now: float, at: int, *, is_trial: bool = False) -> bool:
        if at == self._at:
            return False
        self._at, self._is_trial, self._well_since = at, is_trial, now
        self._settled_at = now + (TRIAL_SECONDS if is_trial else SETTLE_SECONDS)
        return True
