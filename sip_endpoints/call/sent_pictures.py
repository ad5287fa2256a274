# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a telephone's calls send over its one line: all stand on the same rung of one ladder."""

from dataclasses import dataclass, replace

from sip_endpoints.call.known_line import KnownLine
from sip_endpoints.call.ladder import Ladder, Rung, rungs_of
from sip_endpoints.call.losses import NONE_SEEN, Loss
from sip_endpoints.call.phone import CallGoneError, OrderRefusedError, Phone
from sip_endpoints.log import Log
from sip_endpoints.settings import Picture

log = Log(__name__)

# Where there is sound alone, a still shows the face now and then; and Asterisk, which hangs up when
# a stream is silent for half a minute, hears of it.
STILL_EVERY_SECONDS, STILL_SECONDS, STILL_KBPS = 12.0, 0.4, 40
FIRST_STILL_SECONDS = 2.0
# A call over a line that nobody knows begins with no more than this, all included.
BEGIN_KBPS = 220


@dataclass(frozen=True, slots=True)
class ToldLoss:
    """What one call lost of what it sent since it was told the last time, and what came of it."""

    # As Asterisk tells by RTCP, and as the peer tells.
    by_rtcp: Loss = NONE_SEEN
    by_peer: Loss = NONE_SEEN
    came_kbps: float | None = None
    # All that is told says that the line carries more.
    has_room: bool = False


class SentPictures:
    """The ladder of all calls that are up; the one that began first has its look at it."""

    def __init__(
        self,
        phone: Phone,
        full: Picture,
        known: KnownLine | None = None,
        *,
        calls_at_most: int = 1,
        begins_small: bool = True,
    ) -> None:
        """Take what is known of the line that carries them; nothing where it is left out.

        Over one that nobody knows the full picture is sent only some seconds after the first,
        unless it does not begin small.
        """
        self._phone = phone
        self.known = known or KnownLine()
        self._rungs = rungs_of(self.known.fitting(full))
        self._calls_at_most = calls_at_most
        self.begins_small = begins_small and self.known.most_up_kbps is None
        self._is_smallest = False
        self._calls: list[int] = []
        self._told: dict[int, ToldLoss] = {}
        # What each peer's own line may carry, where it says so.
        self._limits: dict[int, int] = {}
        self._ladder = self._new_ladder(0.0)
        self._still_at = 0.0
        self._is_still_shown = False
        # How often another picture was chosen: what was lost before says nothing of it.
        self.changes = 0

    @property
    def rung(self) -> Rung:
        """Give what is sent."""
        return self._ladder.rung

    @property
    def number(self) -> int:
        """Give the rung's number; 0 is the full picture."""
        return self._ladder.number

    @property
    def lowest(self) -> int:
        """Give the number of the lowest rung, which is sound alone."""
        return len(self._rungs) - 1

    @property
    def most_down_kbps(self) -> int | None:
        """Give what may come of each call, all included; None where the line is not known."""
        most = self.known.most_down_kbps
        return None if most is None else most // max(1, len(self._calls))

    @property
    def _sources(self) -> int:
        """Count who tells of losses: Asterisk, which is on the way of all, and each peer."""
        return 1 + self._calls_at_most

    def begin(self, call: int, now: float) -> None:
        """Take in a call whose media flows; the first one begins with all that may be sent."""
        self._calls.append(call)
        if len(self._calls) == 1:
            self._ladder, self._is_smallest = self._new_ladder(now), False
            if self.number:
                self._send(now)
            return
        is_changed = self._ladder.share(now, len(self._calls))
        if is_changed or self.number:
            self._send(now)

    def end(self, call: int, now: float) -> None:
        """Let a call go; those that are left climb by themselves."""
        if call in self._calls:
            self._calls.remove(call)
            self._told.pop(call, None)
            self._limits.pop(call, None)
            self._ladder.share(now, max(1, len(self._calls)))
            self._ladder.limit_each(now, min(self._limits.values(), default=None))

    def limit(self, now: float, call: int, most_kbps: int) -> None:
        """Note what a peer's own line may carry of what is sent to it."""
        if call in self._calls:
            self._limits[call] = most_kbps
            if self._ladder.limit_each(now, min(self._limits.values())):
                self._send(now)

    def expect(self, now: float) -> None:
        """Note that a peer is there to see: where there are stills, the first comes soon."""
        self._still_at = min(self._still_at, now + FIRST_STILL_SECONDS)

    def _new_ladder(self, now: float) -> Ladder:
        return Ladder(
            self._rungs,
            now,
            self._sources,
            self.known.most_up_kbps,
            BEGIN_KBPS if self.begins_small else None,
        )

    def look(self, now: float, call: int, told: ToldLoss) -> None:
        """Take in what a call lost; about once a second, of each."""
        self._told[call] = told
        if call != self._calls[0]:
            return
        all_told, self._told = self._told, {}
        each = [all_told.get(call, ToldLoss()) for call in self._calls]
        by_peer = [one.by_peer for one in each]
        missing = self._calls_at_most - len(by_peer)
        losses = [
            Loss(
                sum(one.by_rtcp.lost for one in each),
                sum(one.by_rtcp.of for one in each),
            ),
            *by_peer,
            *[NONE_SEEN] * missing,
        ]
        came = [one.came_kbps for one in each if one.came_kbps is not None]
        came_kbps = sum(came) if len(came) == len(each) else None
        has_room = all(one.has_room for one in each)
        if self._ladder.look(now, losses, came_kbps, has_room=has_room):
            self._send(now)

    def begin_smallest(self, now: float) -> None:
        """Send the smallest picture, once, where nothing is told of how the call began."""
        if not self._is_smallest and self._ladder.begin_smallest(now):
            self._send(now)
        self._is_smallest = True

    def starve(self, now: float) -> None:
        """Send sound alone for a while: a peer that told of the line does so no more."""
        if self._ladder.starve(now):
            log.info("nothing is told of the line any more")
            self._send(now)

    def tend(self, now: float, call: int) -> None:
        """Show a still where it is time, if there is sound alone."""
        if call == self._calls[0] and self.rung.picture is None:
            if now >= self._still_at:
                self._show_still(now)

    def _send(self, now: float) -> None:
        self.changes += 1
        log.info("picture changed", rung=self.number, calls=len(self._calls))
        self._still_at, self._is_still_shown = now + STILL_EVERY_SECONDS, False
        self._set(self.rung.picture)

    def _show_still(self, now: float) -> None:
        """Begin to send the still, or end."""
        smallest = self._rungs[-2].picture
        if smallest is None or self._is_still_shown:
            self._still_at, self._is_still_shown = now + STILL_EVERY_SECONDS, False
            self._set(None)
            return
        self._still_at, self._is_still_shown = now + STILL_SECONDS, True
        self._set(replace(smallest, bitrate_kbps=STILL_KBPS))

    def _set(self, picture: Picture | None) -> None:
        """Change it in each call; one that ends meanwhile does not keep the others from it."""
        for call in self._calls:
            try:
                self._phone.set_picture(call, picture)
            except CallGoneError:
                log.debug("the call ended meanwhile")
            except OrderRefusedError as error:
                log.warning("the stack takes no more for now", reason=str(error))
