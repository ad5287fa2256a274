# SPDX-License-Identifier: AGPL-3.0-or-later
"""The line of one call: its losses both ways, the rung of its picture, reports to the peer."""

from collections import deque
from dataclasses import dataclass, replace
from typing import Any

from sip_endpoints.call.ladder import Ladder, rungs_of
from sip_endpoints.call.line_quality import (
    LineQuality,
    ToldQuality,
    quality_received,
    quality_sent,
)
from sip_endpoints.call.line_report import LineReport, read_report
from sip_endpoints.call.losses import NONE_SEEN, Loss
from sip_endpoints.call.phone import (
    CallGoneError,
    MediaStatistics,
    OrderRefusedError,
    Phone,
)
from sip_endpoints.log import Log
from sip_endpoints.settings import Picture

log = Log(__name__)

# Losses are those of the last seconds: long enough for RTCP, which comes every second.
WINDOW_SECONDS = 3.0
LOOK_SECONDS = 1.0
REPORT_SECONDS = 2.0
# A peer that says nothing for so long reports no more.
REPORT_KEPT_SECONDS = 7.0
# The share of a window that its packets must make up: after a restart, and at the start.
LEAST_PACKETS = 20
# Where there is sound alone, a still shows the face now and then; and Asterisk, which hangs up when
# a stream is silent for half a minute, hears of it.
STILL_EVERY_SECONDS, STILL_SECONDS, STILL_KBPS = 12.0, 0.4, 40
# RTP, the seal of SRTP, UDP and IP.
HEADER_BYTES = 12 + 10 + 8 + 20
# What comes is told of so many seconds.
RATE_SECONDS = 1.0
# Who tells the ladder what was lost: Asterisk by RTCP, and the peer.
SOURCES = 2


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


class LineKeeper:
    """Looks after the line of one call at a time."""

    def __init__(self, phone: Phone, full: Picture, *, reports_first: bool) -> None:
        self._phone = phone
        self._rungs = rungs_of(full)
        self._reports_first = reports_first
        self._call: int | None = None
        self._ladder = Ladder(self._rungs, 0.0, SOURCES)
        self._counters: deque[_Counters] = deque()
        # Until where the ladder knows what was sent, and what the peer told since.
        self._looked: _Counters | None = None
        self._sent_at_report: int | None = None
        self._told: Loss = NONE_SEEN
        self._look_at = self._report_at = self._still_at = 0.0
        self._is_still_shown = False
        self._reported: LineReport | None = None
        self._reported_at = 0.0
        self._sent_quality, self._received_quality = ToldQuality(), ToldQuality()
        self._had_pictures = False

    def begin(self, call: int, now: float) -> None:
        """Take over a call whose media flows."""
        self._call = call
        self._ladder = Ladder(self._rungs, now, SOURCES)
        self._begin_counting()
        self._reported = None
        self._sent_quality, self._received_quality = ToldQuality(), ToldQuality()
        self._had_pictures = False
        self._look_at = now + LOOK_SECONDS
        self._report_at = now + REPORT_SECONDS

    def end(self) -> None:
        """Forget the call."""
        self._call = None

    def look(self, now: float, statistics: MediaStatistics | None) -> None:
        """Take in the counters; change the picture and tell the peer where it is time."""
        if self._call is None or statistics is None:
            return
        self._take(now, statistics)
        if self._reported and now - self._reported_at > REPORT_KEPT_SECONDS:
            self._reported = None
        try:
            if now >= self._look_at:
                self._look_at = now + LOOK_SECONDS
                self._judge(now)
                self._move(now, self._call)
            if self._ladder.rung.picture is None and now >= self._still_at:
                self._show_still(now, self._call)
            if now >= self._report_at:
                self._report_at = now + REPORT_SECONDS
                self._tell(self._call)
        except CallGoneError:
            log.debug("the call ended meanwhile")
        except OrderRefusedError as error:
            log.warning("the stack takes no more for now", reason=str(error))

    def take_text(self, now: float, text: str) -> bool:
        """Take a MESSAGE of the peer; False when it is not about the line."""
        report = read_report(text)
        if report is None:
            return False
        self._reported, self._reported_at = report, now
        self._count_told(report)
        return True

    def to_json(self) -> dict[str, Any]:
        """Return what `status` shows: the rung, and both ways in figures."""
        picture = self._ladder.rung.picture
        reported = self._reported
        return {
            "rung": self._ladder.number,
            "lowest_rung": len(self._rungs) - 1,
            "sent_kbps": picture.bitrate_kbps if picture else 0,
            "sent_size": f"{picture.width}x{picture.height}" if picture else None,
            "sent_loss": round(self._sent_loss(), 3),
            "received_loss": round(self._received_loss(), 3),
            "received_pictures": round(self._pictures(), 1),
            # As the other telephone tells it; None where it is not one of ours.
            "pictures_at_peer": reported.pictures if reported else None,
            "sent_quality": self._sent_quality.told.value,
            "received_quality": self._received_quality.told.value,
        }

    @property
    def quality(self) -> tuple[LineQuality, LineQuality] | None:
        """Give how well the peer sees us, and we the peer; None between calls."""
        if self._call is None:
            return None
        return self._sent_quality.told, self._received_quality.told

    def _take(self, now: float, statistics: MediaStatistics) -> None:
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
        if self._counters and taken.shrank(self._counters[-1]):
            self._begin_counting()
        self._counters.append(taken)
        while len(self._counters) > 2 and now - self._counters[0].at > WINDOW_SECONDS:
            self._counters.popleft()

    def _judge(self, now: float) -> None:
        ladder, pictures = self._ladder, self._pictures()
        self._had_pictures = self._had_pictures or pictures >= 1
        sent = quality_sent(self._sent_loss(), ladder.number, len(self._rungs) - 1)
        received = quality_received(
            self._received_loss(), pictures, had_pictures=self._had_pictures
        )
        self._sent_quality.look(now, sent)
        self._received_quality.look(now, received)

    def _move(self, now: float, call: int) -> None:
        came_kbps = self._reported.kbps if self._reported else None
        losses = self._lost_by_rtcp(), self._told
        self._told = NONE_SEEN
        if not self._ladder.look(now, losses, came_kbps):
            return
        picture = self._ladder.rung.picture
        log.info(
            "picture changed",
            rung=self._ladder.number,
            loss=round(self._sent_loss(), 3),
        )
        # What was lost before says nothing of what is sent from here on.
        self._begin_counting()
        self._still_at, self._is_still_shown = now + STILL_EVERY_SECONDS, False
        self._phone.set_picture(call, picture)

    def _begin_counting(self) -> None:
        self._counters.clear()
        self._looked, self._sent_at_report, self._told = None, None, NONE_SEEN

    def _lost_by_rtcp(self) -> Loss:
        """Give what Asterisk missed since the last look."""
        before, self._looked = self._looked, self._counters[-1]
        if before is None:
            return NONE_SEEN
        return Loss(
            max(0, self._looked.sent_lost - before.sent_lost),
            self._looked.sent - before.sent,
        )

    def _count_told(self, report: LineReport) -> None:
        """Note what the peer missed of what was sent since it told the last time."""
        if not self._counters:
            return
        before, self._sent_at_report = self._sent_at_report, self._counters[-1].sent
        if before is not None:
            sent = self._sent_at_report - before
            self._told = Loss(
                self._told.lost + report.loss * sent, self._told.of + sent
            )

    def _show_still(self, now: float, call: int) -> None:
        """Begin to send the still, or end."""
        smallest = self._rungs[-2].picture
        if smallest is None or self._is_still_shown:
            self._still_at, self._is_still_shown = now + STILL_EVERY_SECONDS, False
            self._phone.set_picture(call, None)
            return
        self._still_at, self._is_still_shown = now + STILL_SECONDS, True
        self._phone.set_picture(call, replace(smallest, bitrate_kbps=STILL_KBPS))

    def _tell(self, call: int) -> None:
        if self._reports_first or self._reported is not None:
            report = LineReport(
                self._received_loss(), self._pictures(), self._received_kbps()
            )
            self._phone.send_message(call, report.to_text())

    def _sent_loss(self) -> float:
        """Give the larger of what Asterisk tells by RTCP and what the peer tells."""
        if not self._counters:
            return 0.0
        first, last = self._counters[0], self._counters[-1]
        by_rtcp = _share(last.sent_lost - first.sent_lost, last.sent - first.sent)
        return max(by_rtcp, self._reported.loss if self._reported else 0.0)

    def _received_loss(self) -> float:
        if not self._counters:
            return 0.0
        first, last = self._counters[0], self._counters[-1]
        lost = last.received_lost - first.received_lost
        return _share(lost, lost + last.received - first.received)

    def _received_kbps(self) -> float:
        if len(self._counters) < 2:
            return 0.0
        last = self._counters[-1]
        for first in self._counters:
            if last.at - first.at <= RATE_SECONDS:
                break
        seconds = max(last.at - first.at, RATE_SECONDS / 2)
        return (last.received_bytes - first.received_bytes) / 125 / seconds

    def _pictures(self) -> float:
        if len(self._counters) < 2:
            return 0.0
        first, last = self._counters[0], self._counters[-1]
        return max(0, last.frames - first.frames) / (last.at - first.at)


def _share(lost: int, of: int) -> float:
    return min(1.0, max(0, lost) / of) if of >= LEAST_PACKETS else 0.0
