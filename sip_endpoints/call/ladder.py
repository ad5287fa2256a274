# SPDX-License-Identifier: AGPL-3.0-or-later
"""How much picture a line carries: the rung of a ladder, from what the peers report (pure).

Where somebody said what the line carries, no rung above its share is ever gone to. Where nobody
did, a call begins small and climbs fast: a line that is full from the first second starves
what is said of it, and the call's signalling.

Sound comes first. What is surely lost beyond what the line always loses means that too much is
sent: down, to what fits into 70 % of what came through. Up again by one rung at a time within
that share, by itself. After a minute, and later each time that it did not hold, the line is
tried with more than it carried: it may be a better one now. A line that loses as much with a
small picture as with a large one is not full but bad: there, less is no cure.

No second decides alone, and chance decides nothing. The picture is given up only where the
smallest one was tried: less had helped before, and much is lost still. Or where so much is lost
that the line is drowned: then at once what fits, be it sound alone.

Times are seconds of one monotonic clock, losses are shares from 0 to 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sip_endpoints.call.known_line import (
    HEADERS,
    SMALL_KBPS,
    SOUND_KBPS,
    USED_SHARE,
    most_of,
)
from sip_endpoints.call.losses import NONE_SEEN, Loss, LossCourse
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


# Each rung has this share of the one above; below the least, a full picture is a blur.
STEP, LEAST_FULL_KBPS = 0.63, 130
# More is surely lost than this, or than this share of what the line always loses: act.
ACT_LOSS, ACT_SHARE = 0.02, 0.5
# Much is seen within the first of these, little within the second.
MUCH_SECONDS, LITTLE_SECONDS = 4.0, 12.0
# A change shows in the reports only after so long; a trial must not cost the sound more.
SETTLE_SECONDS, TRIAL_SETTLE_SECONDS, TRIAL_SECONDS = 5.0, 1.0, 5.0
# Without loss for so long: one rung up.
WAIT_SECONDS = 8.0
# One that began small climbs so fast, where all that is told says that there is room.
START_WAIT_SECONDS = 1.5
# So much is lost in each of so many looks, so soon after another rung: it is drowned.
DROWNED_LOSS, DROWNED_LOOKS, DROWNED_SETTLE_SECONDS = 0.4, 3, 2.0
DROWNED_SECONDS = 6.0
# What the peer tells is a moment's rate, and may be low by chance: not under this share.
LEAST_OF_GUESS = 0.6
# For so long a line is believed to carry no more than it did.
LEAST_BELIEF_SECONDS, LONGEST_BELIEF_SECONDS = 60.0, 600.0
# What a trial sends, of what the line carried; how fast its own loss is learnt.
TRIAL_SHARE, LEARNING_SHARE = 1.05, 0.1
# Whether less helped is told by so many packets.
TELLING_PACKETS = 500
# So much of the loss before is the same loss; a line that has room left and loses more than
# the second of these was guessed too good.
SAME_SHARE, LARGEST_OWN = 0.5, 0.25
# Sound alone is for lines that lose so much with the smallest picture.
GIVE_UP_LOSS = 0.08
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

    def __init__(
        self,
        rungs: tuple[Rung, ...],
        now: float,
        sources: int = 1,
        most_kbps: float | None = None,
        begins_with_kbps: float | None = None,
    ) -> None:
        self._rungs = rungs
        # So many calls get the picture and its sound over the one line.
        self._calls = 1
        # What is known of the line from the start, and what a peer says of its own; None: nothing.
        self._most_kbps = most_kbps
        self._most_each_kbps: float | None = None
        self._at = self._first_allowed
        # The first climb, until something was lost or the highest rung is reached.
        self._is_starting = most_kbps is None and begins_with_kbps is not None
        if self._is_starting:
            self._at = self._first_within(begins_with_kbps or 0.0)
        # No more than was lost with less as well: a line that is a little too full loses no less.
        self._own_loss = self._shown_loss = 0.0
        self._courses = [LossCourse(LITTLE_SECONDS) for _ in range(sources)]
        # The same from sooner on, for what is seen at a glance.
        self._glances = [LossCourse(DROWNED_SECONDS) for _ in range(sources)]
        self._glanced_at = now + DROWNED_SETTLE_SECONDS
        self._settled_at = now + (0 if self._is_starting else SETTLE_SECONDS)
        self._well_since = now
        # What the line carries, once it was seen to be full, and until when that holds.
        self._carried_kbps: float | None = None
        self._belief_seconds = LEAST_BELIEF_SECONDS
        self._believed_until = now
        self._is_trial = self._has_room = False
        # What was lost before we went down, until it is told whether that helped.
        self._before: float | None = None

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

    def share(self, now: float, calls: int) -> bool:
        """Note how many calls the line carries from now on; say whether the rung changed.

        One more call gets its part of what was sent before, and no more: the sound of both comes
        first. What the line carries beyond that is found out as ever, rung by rung.
        """
        sent, self._calls = self._total_kbps(self._at), calls
        lower = range(self._at, self._last_picture)
        fitting = [at for at in lower if self._total_kbps(at) <= sent]
        if self._total_kbps(self._at) <= sent or self._at > self._last_picture:
            return False
        self._before = None
        at = fitting[0] if fitting else self._last_picture
        return self._go_to(now, max(at, self._first_allowed))

    def look(
        self,
        now: float,
        losses: Sequence[Loss],
        came_kbps: float | None = None,
        *,
        has_room: bool = False,
    ) -> bool:
        """Take in what each source tells of what we sent; say whether the rung changed.

        Each loss is that since the look before. `came_kbps` is what came of it, where the peer
        tells that: it bounds the guess. With `has_room` somebody told that all of it comes.
        """
        self._has_room = has_room
        drowned = self._drowned(now, losses)
        if drowned is not None:
            return self._surface(now, drowned)
        if now < self._settled_at:
            return False
        for course, loss in zip(self._courses, losses, strict=True):
            course.add(now, loss)
        lost = self._too_much(now)
        if lost is None:
            return self._go_on(now, losses)
        self._well_since, self._is_starting = now, False
        if self._before is None:
            return self._descend(now, lost, came_kbps)
        if self._is_its_own(lost, self._before):
            return self._accept(now, lost)
        return self._descend(now, lost, came_kbps)

    def _drowned(self, now: float, losses: Sequence[Loss]) -> float | None:
        """Give the share that is lost where nearly all of it is."""
        if now < self._glanced_at or self.rung.picture is None:
            return None
        for glance, loss in zip(self._glances, losses, strict=True):
            glance.add(now, loss)
            if glance.count_over(DROWNED_LOSS + self._own_loss) >= DROWNED_LOOKS:
                return glance.over(now, DROWNED_SECONDS).share
        return None

    def _surface(self, now: float, loss: float) -> bool:
        """Go at once to what the line carries."""
        carried, self._is_starting = self._total_kbps(self._at) * (1 - loss), False
        self._before, self._carried_kbps = max(self._before or 0.0, loss), carried
        self._believed_until = now + self._belief_seconds
        lower = range(self._at + 1, len(self._rungs))
        fitting = [at for at in lower if self._fits(at)]
        return self._go_to(now, fitting[0] if fitting else len(self._rungs) - 1)

    def begin_smallest(self, now: float) -> bool:
        """Go on with the smallest picture; say whether the rung changed."""
        self._is_starting = False
        return self._go_to(now, max(self._at, self._last_picture))

    def starve(self, now: float) -> bool:
        """Send sound alone, since a peer that told of the line does so no more; climb by itself.

        What it says is behind what fills the line, which carries less than what was sent. Say
        whether the rung changed.
        """
        if self.rung.picture is None:
            return False
        carried = USED_SHARE * self._total_kbps(self._at)
        self._carried_kbps = min(carried, self._carried_kbps or carried)
        self._believed_until = now + self._belief_seconds
        self._is_starting, self._before = False, None
        return self._go_to(now, len(self._rungs) - 1)

    def limit_each(self, now: float, most_kbps: float | None) -> bool:
        """Send no more to any one peer, all included; say whether the rung changed."""
        self._most_each_kbps = most_kbps
        return self._go_to(now, max(self._at, self._first_allowed))

    def _is_allowed(self, at: int) -> bool:
        if self._rungs[at].picture is None:
            return True
        all_kbps, each_kbps = self._most_kbps, self._most_each_kbps
        return (all_kbps is None or self._total_kbps(at) <= all_kbps) and (
            each_kbps is None or self._rungs[at].total_kbps <= each_kbps
        )

    def _first_within(self, kbps: float) -> int:
        pictures = range(self._last_picture)
        fitting = [at for at in pictures if self._total_kbps(at) <= kbps]
        return fitting[0] if fitting else self._last_picture

    @property
    def _first_allowed(self) -> int:
        return next(at for at in range(len(self._rungs)) if self._is_allowed(at))

    @property
    def _limit(self) -> float:
        """Give the share of which no more may surely be lost."""
        return self._own_loss + max(ACT_LOSS, ACT_SHARE * self._own_loss)

    def _too_much(self, now: float) -> float | None:
        """Give the share that is lost where it is surely more than the line's own."""
        limit = self._limit
        found = None
        for course in self._courses:
            is_much = course.without_worst(now, MUCH_SECONDS).least() >= limit
            is_any = course.without_worst(now, LITTLE_SECONDS).least() >= limit
            if is_much and self._before is None:
                # Before, it may have been well: what is lost now counts.
                found = max(found or 0.0, course.latest().share)
            elif is_much or is_any:
                found = max(found or 0.0, course.over(now, LITTLE_SECONDS).share)
        return found

    def _go_on(self, now: float, losses: Sequence[Loss]) -> bool:
        each = (course.over(now, LITTLE_SECONDS) for course in self._courses)
        told = max(each, key=lambda loss: loss.share)
        if self._before is not None and told.of >= TELLING_PACKETS:
            is_same = told.share >= SAME_SHARE * self._before
            if is_same and self._is_its_own(told.share, self._before):
                return self._accept(now, told.share)
            # It helped.
            self._before = None
        newest = max(losses, key=lambda loss: loss.share, default=NONE_SEEN)
        if newest.of > 0 and newest.least() < self._limit:
            own = self._own_loss + LEARNING_SHARE * (newest.share - self._own_loss)
            self._own_loss = min(own, self._shown_loss)
        return self._climb(now)

    def _is_its_own(self, loss: float, before: float) -> bool:
        """Tell whether that is lost whatever is sent: less was sent, and it was no cure."""
        if self.rung.picture is None or self._at == self._last_picture:
            return loss >= SAME_SHARE * before or loss < GIVE_UP_LOSS
        return loss < LARGEST_OWN and self._fits(self._at)

    def _accept(self, now: float, loss: float) -> bool:
        is_thin = self._before is not None and loss < SAME_SHARE * self._before
        self._own_loss = self._shown_loss = loss
        self._before = None
        for course in self._courses:
            course.clear()
        if is_thin:
            # Less did help; what is left is the line's own.
            return False
        self._carried_kbps = None
        return self._go_to(now, self._highest())

    def _descend(self, now: float, loss: float, came_kbps: float | None) -> bool:
        sent, excess = self._total_kbps(self._at), loss - self._own_loss
        if self._is_trial:
            self._belief_seconds = min(2 * self._belief_seconds, LONGEST_BELIEF_SECONDS)
        else:
            self._before = max(self._before or 0.0, loss)
            carried = sent * (1 - min(1.0, max(0.0, excess)))
            least = LEAST_OF_GUESS * carried
            self._carried_kbps = min(carried, max(came_kbps or carried, least))
        self._believed_until = now + self._belief_seconds
        if self._at >= self._last_picture:
            is_much = excess >= GIVE_UP_LOSS
            return self._go_to(now, len(self._rungs) - 1) if is_much else False
        # At least one down: what was measured may flatter.
        lower = range(self._at + 1, self._last_picture + 1)
        fitting = [at for at in lower if self._fits(at)]
        return self._go_to(now, fitting[0] if fitting else self._last_picture)

    @property
    def _last_picture(self) -> int:
        return max(0, len(self._rungs) - 2)

    def _climb(self, now: float) -> bool:
        if self._before is not None:
            return False
        if self._is_trial and now - self._well_since >= TRIAL_SECONDS:
            # It carries more than it did: another line, or one that is free again.
            self._is_trial, self._carried_kbps = False, None
            self._belief_seconds = LEAST_BELIEF_SECONDS
        highest = self._highest()
        if self._at <= highest:
            self._is_starting = False
            return False
        if now - self._well_since < self._wait_seconds():
            return False
        if self._fits(self._at - 1):
            return self._go_to(now, self._at - 1)
        if now < self._believed_until:
            return False
        least = TRIAL_SHARE * (self._carried_kbps or 0)
        tried = [at for at in range(self._at) if self._total_kbps(at) > least]
        # The full picture where nothing is that much more.
        return self._go_to(now, max([highest, *tried[-1:]]), is_trial=True)

    def _wait_seconds(self) -> float:
        """Give how long nothing may be lost before the next rung up."""
        if any(course.latest().share >= ACT_LOSS for course in self._courses):
            self._is_starting = False
        is_fast = self._is_starting and self._has_room
        return START_WAIT_SECONDS if is_fast else WAIT_SECONDS

    def _fits(self, at: int) -> bool:
        """Tell whether this rung leaves the line its reserve, as far as it is known."""
        carried = self._carried_kbps
        return self._is_allowed(at) and (
            carried is None or self._total_kbps(at) <= most_of(carried)
        )

    def _total_kbps(self, at: int) -> int:
        """Give what goes over the line on a rung, for all calls."""
        return self._calls * self._rungs[at].total_kbps

    def _highest(self) -> int:
        """Give the highest rung whose pictures mostly come whole over a line this bad."""
        for at, rung in enumerate(self._rungs):
            picture = rung.picture
            if picture is None:
                break
            if not self._is_allowed(at):
                continue
            bytes_each = picture.bitrate_kbps * 125 / picture.frames_per_second
            packets = max(1.0, bytes_each / PACKET_BYTES)
            if (1 - self._own_loss) ** packets >= WHOLE_SHARE:
                return at
        # Sound gains nothing from a picture that is not sent: some picture is better.
        return max(self._last_picture, self._first_allowed)

    def _go_to(self, now: float, at: int, *, is_trial: bool = False) -> bool:
        if at == self._at:
            return False
        self._at, self._is_trial, self._well_since = at, is_trial, now
        is_short = is_trial or self._is_starting
        self._settled_at = now + (TRIAL_SETTLE_SECONDS if is_short else SETTLE_SECONDS)
        self._glanced_at = now + DROWNED_SETTLE_SECONDS
        for course in (*self._courses, *self._glances):
            course.clear()
        return True
