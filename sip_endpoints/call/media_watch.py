# SPDX-License-Identifier: AGPL-3.0-or-later
"""Judge a call's media over time: alive, black picture, or peer gone (pure)."""

from enum import StrEnum

from sip_endpoints.call.phone import MediaStatistics, VideoStatistics


class Verdict(StrEnum):
    """What to do about a call's media."""

    FINE = "fine"
    RESTART = "restart"
    PEER_GONE = "peer_gone"


class MediaWatch:
    """Compare the counters of one call from one look to the next.

    Times are seconds of one monotonic clock. No RTP at all for the silence limit means
    that the peer died without a BYE. Picture packets that arrive but give no frame are
    the classic black second call: the media is restarted, a few times at most. Without
    picture packets nothing is wrong: a queue's music has none, nor has a covered camera.
    Where many packets are lost, the line is why: another start would help nothing.
    """

    RESTARTS_MAX = 3
    LOSS_THAT_EXPLAINS = 0.05

    def __init__(
        self,
        confirmed_at: float,
        silence_limit_seconds: float,
        black_picture_seconds: float,
    ) -> None:
        self._silence_limit_seconds = silence_limit_seconds
        self._black_picture_seconds = black_picture_seconds
        self._packets = 0
        self._packet_at = confirmed_at
        self._picture_packets = self._lost_packets = 0
        self._frames = 0
        self._black_since: float | None = None
        self._restarts = 0

    def look(self, now: float, statistics: MediaStatistics | None) -> Verdict:
        """Take in the counters and say what to do."""
        packets = statistics.packets_received if statistics else 0
        # A restarted stream counts from zero again, so any change is a sign of life.
        if packets != self._packets:
            self._packets, self._packet_at = packets, now
        if now - self._packet_at >= self._silence_limit_seconds:
            return Verdict.PEER_GONE
        if self._is_black(now, statistics) and self._restarts < self.RESTARTS_MAX:
            self._restarts += 1
            self._black_since = None
            return Verdict.RESTART
        return Verdict.FINE

    def _is_black(self, now: float, statistics: MediaStatistics | None) -> bool:
        video = statistics.video if statistics else None
        packets = video.packets_received if video else 0
        frames = video.frames_decoded if video else 0
        arriving, shown = packets != self._picture_packets, frames != self._frames
        is_lossy = self._is_lossy(video)
        self._picture_packets, self._frames = packets, frames
        if shown or not arriving or is_lossy:
            self._black_since = None
            return False
        if self._black_since is None:
            self._black_since = now
        return now - self._black_since >= self._black_picture_seconds

    def _is_lossy(self, video: VideoStatistics | None) -> bool:
        if video is None:
            return False
        lost = video.packets_lost - self._lost_packets
        came = video.packets_received - self._picture_packets
        self._lost_packets = video.packets_lost
        return lost > 0 and lost > self.LOSS_THAT_EXPLAINS * (came + lost)
