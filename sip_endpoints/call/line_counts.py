# SPDX-License-Identifier: AGPL-3.0-or-later
"""What passed over a call's line in the last seconds, from the counters of its streams (pure)."""

from collections import deque
from dataclasses import dataclass

from sip_endpoints.call.losses import NONE_SEEN, Loss
from sip_endpoints.call.phone import MediaStatistics

# Losses are those of the last seconds: long enough for RTCP, which comes every second.
WINDOW_SECONDS = 3.0
# The share of a window that its packets must make up: after a restart, and at the start.
LEAST_PACKETS = 20
# RTP, the seal of SRTP, UDP and IP.
HEADER_BYTES = 12 + 10 + 8 + 20
# What comes is told of so many seconds.
RATE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class _Counters:
    at: float
    sent: int
    sent_lost: int
    received: int
    received_lost: int
    received_bytes: int
    frames: int

    def shrank(self, before: "_Counters") -> bool:
        """Tell whether a stream began to count anew."""
        return self.sent < before.sent or self.received < before.received


class LineCounts:
    """The counters of one call's streams over a window."""

    def __init__(self) -> None:
        self._counters: deque[_Counters] = deque()
        # Until where each of two askers knows what was sent, and what came.
        self._sent_looked: _Counters | None = None
        self._came_looked: _Counters | None = None

    def clear(self) -> None:
        """Forget all: it says nothing of what is sent from here on."""
        self._counters.clear()
        self._sent_looked = self._came_looked = None

    def take(self, now: float, statistics: MediaStatistics) -> bool:
        """Take in the counters; say whether a stream began to count anew."""
        streams = [s for s in (statistics.audio, statistics.video) if s]
        taken = _Counters(
            now,
            sum(stream.packets_sent for stream in streams),
            sum(stream.packets_sent_lost for stream in streams),
            sum(stream.packets_received for stream in streams),
            sum(stream.packets_lost for stream in streams),
            sum(
                stream.bytes_received + HEADER_BYTES * stream.packets_received
                for stream in streams
            ),
            statistics.video.frames_decoded if statistics.video else 0,
        )
        is_anew = bool(self._counters) and taken.shrank(self._counters[-1])
        if is_anew:
            self.clear()
        self._counters.append(taken)
        while len(self._counters) > 2 and now - self._counters[0].at > WINDOW_SECONDS:
            self._counters.popleft()
        return is_anew

    @property
    def is_telling(self) -> bool:
        """Say whether there are two looks to compare: else nothing lost means nothing."""
        return len(self._counters) > 1

    @property
    def sent(self) -> int | None:
        """Give the packets that were sent so far; None before the first look."""
        return self._counters[-1].sent if self._counters else None

    def lost_by_rtcp(self) -> Loss:
        """Give what Asterisk missed since this was asked the last time."""
        before, now = self._sent_looked, self._counters[-1]
        self._sent_looked = now
        if before is None:
            return NONE_SEEN
        lost = max(0, now.sent_lost - before.sent_lost)
        return Loss(lost, now.sent - before.sent)

    def lost_on_the_way(self) -> Loss:
        """Give what was sent to us and did not come since this was asked the last time."""
        before, now = self._came_looked, self._counters[-1]
        self._came_looked = now
        if before is None:
            return NONE_SEEN
        lost = max(0, now.received_lost - before.received_lost)
        return Loss(lost, lost + now.received - before.received)

    def sent_loss(self) -> float:
        """Give the share that Asterisk missed."""
        if not self._counters:
            return 0.0
        first, last = self._counters[0], self._counters[-1]
        return _share(last.sent_lost - first.sent_lost, last.sent - first.sent)

    def received_loss(self) -> float:
        """Give the share of what was sent to us that never came."""
        if not self._counters:
            return 0.0
        first, last = self._counters[0], self._counters[-1]
        lost = last.received_lost - first.received_lost
        return _share(lost, lost + last.received - first.received)

    def received_kbps(self) -> float:
        """Give what comes, all headers included."""
        if len(self._counters) < 2:
            return 0.0
        last = self._counters[-1]
        for first in self._counters:
            if last.at - first.at <= RATE_SECONDS:
                break
        seconds = max(last.at - first.at, RATE_SECONDS / 2)
        return (last.received_bytes - first.received_bytes) / 125 / seconds

    def pictures(self) -> float:
        """Give the pictures a second that come."""
        if len(self._counters) < 2:
            return 0.0
        first, last = self._counters[0], self._counters[-1]
        return max(0, last.frames - first.frames) / (last.at - first.at)


def _share(lost: int, of: int) -> float:
    return min(1.0, max(0, lost) / of) if of >= LEAST_PACKETS else 0.0
