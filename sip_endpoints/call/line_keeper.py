# SPDX-License-Identifier: AGPL-3.0-or-later
"""The line of one call: its losses both ways, what it says of the picture, reports to the peer."""

from typing import Any

from sip_endpoints.call.line_counts import LineCounts
from sip_endpoints.call.line_quality import (
    LineQuality,
    ToldQuality,
    quality_received,
    quality_sent,
)
from sip_endpoints.call.line_report import (
    READS_MOST,
    REPORTS_APART,
    LineReport,
    is_for_telephones,
    read_report,
)
from sip_endpoints.call.losses import NONE_SEEN, Loss
from sip_endpoints.call.peer_picture import PeerPicture, Wish
from sip_endpoints.call.phone import (
    CallGoneError,
    MediaStatistics,
    OrderRefusedError,
    Phone,
)
from sip_endpoints.call.sent_pictures import SentPictures, ToldLoss
from sip_endpoints.log import Log

log = Log(__name__)

LOOK_SECONDS = 1.0
REPORT_SECONDS = 2.0
# Until the peer answers, for a while: it may know its line, and what comes is too much for it.
FIRST_REPORT_SECONDS, FIRST_SECONDS = 0.5, 6.0
# A peer of ours answers within a second; one that does not may be behind a line that is full,
# and for so long may still be one of ours.
DOUBT_SECONDS, DARK_SECONDS = 3.0, 60.0
# Where nothing was told since the last report the line may be full, and what waits to be sent
# keeps it so: each further report waits twice as long.
LONGEST_REPORT_SECONDS = 8.0
# A report is of the seconds before: only one so long after a change tells of it.
FRESH_SECONDS = 1.5
# So much that is lost on the way to us says that the other way has no room either.
ROOM_LOSS = 0.02
# A peer that says nothing for so long reports no more.
REPORT_KEPT_SECONDS = 7.0


class LineKeeper:
    """Looks after the line of one call at a time."""

    def __init__(
        self, phone: Phone, pictures: SentPictures, *, reports_first: bool
    ) -> None:
        """Take the pictures that it sends, which another call's keeper may share."""
        self._phone = phone
        self._pictures_sent = pictures
        self._changes_seen = 0
        self._reports_first = reports_first
        self._call: int | None = None
        self._counts = LineCounts()
        # What the peer told since the ladder looked.
        self._sent_at_report: int | None = None
        self._told: Loss = NONE_SEEN
        self._look_at = self._report_at = self._began_at = 0.0
        self._reported: LineReport | None = None
        self._reported_at = self._changed_at = 0.0
        self._unanswered = 0
        self._is_peer_ours = False
        # Whether the peer reads what its line may carry, and was told that we do.
        self._reads_most = self._said_that_we_read = False
        self._reports_come_apart = False
        self._peer_picture = PeerPicture(0.0)
        self._sent_quality, self._received_quality = ToldQuality(), ToldQuality()
        self._had_pictures = False

    def begin(self, call: int, now: float) -> None:
        """Take over a call whose media flows."""
        self._call = call
        self._pictures_sent.begin(call, now)
        self._changes_seen = self._pictures_sent.changes
        self._begin_counting()
        self._reported, self._is_peer_ours = None, False
        self._reads_most = self._said_that_we_read = False
        self._reports_come_apart = False
        self._unanswered, self._changed_at = 0, now
        most_kbps = self._pictures_sent.most_down_kbps
        self._peer_picture = PeerPicture(now, most_kbps)
        self._sent_quality, self._received_quality = ToldQuality(), ToldQuality()
        self._had_pictures = False
        self._look_at = now + LOOK_SECONDS
        self._began_at, self._report_at = now, now + FIRST_REPORT_SECONDS

    def end(self, now: float) -> None:
        """Forget the call."""
        call, self._call = self._call, None
        if call is not None:
            self._pictures_sent.end(call, now)

    def look(self, now: float, statistics: MediaStatistics | None) -> None:
        """Take in the counters; change the picture and tell the peer where it is time."""
        if self._call is None or statistics is None:
            return
        if self._reported and now - self._reported_at > REPORT_KEPT_SECONDS:
            self._reported = None
            if not self._reports_come_apart:
                # What it says waits behind what fills the line.
                self._pictures_sent.starve(now)
                self._follow_change(now)
        if self._counts.take(now, statistics):
            self._forget_told()
        try:
            if now >= self._look_at:
                self._look_at = now + LOOK_SECONDS
                self._judge(now)
                self._look_at_peer(now, self._call)
                self._move(now, self._call)
            self._pictures_sent.tend(now, self._call)
            if now >= self._report_at and self._counts.is_telling:
                self._report_at = now + self._report_after(now)
                self._tell(self._call)
        except CallGoneError:
            log.debug("the call ended meanwhile")
        except OrderRefusedError as error:
            log.warning("the stack takes no more for now", reason=str(error))

    def take_text(self, now: float, text: str) -> bool:
        """Take a MESSAGE of the peer; False when it is meant for people."""
        if text.strip() == READS_MOST:
            self._reads_most = True
        elif text.strip() == REPORTS_APART:
            self._reports_come_apart = True
        report = read_report(text)
        if report is None:
            return is_for_telephones(text)
        if self._reported is None:
            # It waits to be told what our line carries, where that is known.
            self._report_at = now
            self._pictures_sent.expect(now)
        self._reported, self._reported_at, self._unanswered = report, now, 0
        self._report_at = min(self._report_at, now + REPORT_SECONDS)
        self._is_peer_ours = True
        self._count_told(report)
        if self._call is not None and report.most_kbps:
            self._pictures_sent.limit(now, self._call, report.most_kbps)
            self._follow_change(now)
        return True

    def to_json(self) -> dict[str, Any]:
        """Return what `status` shows: the rung, and both ways in figures."""
        sent = self._pictures_sent
        picture, reported = sent.rung.picture, self._reported
        return {
            "rung": sent.number,
            "lowest_rung": sent.lowest,
            "sent_kbps": picture.bitrate_kbps if picture else 0,
            "sent_size": f"{picture.width}x{picture.height}" if picture else None,
            "sent_loss": round(self._sent_loss(), 3),
            "received_loss": round(self._counts.received_loss(), 3),
            # Somebody else's telephone was asked for sound alone.
            "picture_refused": not self._peer_picture.is_taken,
            "received_pictures": round(self._counts.pictures(), 1),
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

    def _judge(self, now: float) -> None:
        ladder, pictures = self._pictures_sent, self._counts.pictures()
        self._had_pictures = self._had_pictures or pictures >= 1
        sent = quality_sent(self._sent_loss(), ladder.number, ladder.lowest)
        received = quality_received(
            self._counts.received_loss(), pictures, had_pictures=self._had_pictures
        )
        self._sent_quality.look(now, sent)
        self._received_quality.look(now, received)

    def _look_at_peer(self, now: float, call: int) -> None:
        """Ask a peer that does not slow down by itself to send no picture, and one again."""
        is_doubtful = self._reports_first and not self._is_peer_ours
        if is_doubtful and now - self._began_at < DARK_SECONDS:
            return
        wish = self._peer_picture.look(
            now,
            self._counts.lost_on_the_way(),
            self._counts.received_kbps(),
            is_ours=self._is_peer_ours,
        )
        if wish is Wish.NOTHING:
            return
        loss = round(self._counts.received_loss(), 3)
        log.info("the peer is asked for its picture", wish=wish.value, loss=loss)
        self._phone.take_picture(call, is_taken=wish is Wish.PICTURE_ON)

    def _move(self, now: float, call: int) -> None:
        if self._is_in_the_dark(now):
            return
        came_kbps = self._reported.kbps if self._reported else None
        told, self._told = self._told, NONE_SEEN
        self._pictures_sent.look(
            now,
            call,
            ToldLoss(self._counts.lost_by_rtcp(), told, came_kbps, self._has_room()),
        )
        self._follow_change(now)

    def _is_in_the_dark(self, now: float) -> bool:
        """Tell whether only the peer knows the line behind Asterisk, and does not tell of it.

        Nothing is tried then; one that has told nothing yet may be behind a line that is full
        already. Who never does is a softphone, and is sent what it takes.
        """
        if not self._reports_first:
            return False
        if self._reported is not None:
            return not self._is_told_of_this()
        if self._is_peer_ours or not self._pictures_sent.begins_small:
            return self._is_peer_ours
        waited = now - self._began_at
        if waited >= DOUBT_SECONDS:
            self._pictures_sent.begin_smallest(now)
            self._follow_change(now)
        return waited < DARK_SECONDS

    def _has_room(self) -> bool:
        """Tell whether all that is known says that the line carries more.

        RTCP tells a kiosk of its own line. A counsellor's is near Asterisk: of the line behind it
        the peer alone tells, and what it said of another picture says nothing of this one.
        """
        if self._counts.received_loss() >= ROOM_LOSS:
            return False
        told = self._reported
        if told is None or not self._is_told_of_this():
            return not self._reports_first
        return told.kbps > 0 and told.loss < ROOM_LOSS

    def _is_told_of_this(self) -> bool:
        """Tell whether the last report says something of what is sent now."""
        return self._reported_at >= self._changed_at + FRESH_SECONDS

    def _follow_change(self, now: float) -> None:
        """Count anew from another picture on: what was lost before says nothing of it."""
        if self._changes_seen != self._pictures_sent.changes:
            self._changes_seen = self._pictures_sent.changes
            self._changed_at = now
            self._begin_counting()

    def _begin_counting(self) -> None:
        self._counts.clear()
        self._forget_told()

    def _forget_told(self) -> None:
        self._sent_at_report, self._told = None, NONE_SEEN

    def _count_told(self, report: LineReport) -> None:
        """Note what the peer missed of what was sent since it told the last time."""
        before, self._sent_at_report = self._sent_at_report, self._counts.sent
        if before is not None and self._sent_at_report is not None:
            sent = self._sent_at_report - before
            self._told = Loss(
                self._told.lost + report.loss * sent, self._told.of + sent
            )

    def _tell(self, call: int) -> None:
        if not self._said_that_we_read and (self._reports_first or self._reads_most):
            self._said_that_we_read = True
            self._phone.send_message(call, READS_MOST)
        if self._reports_first or self._is_peer_ours:
            report = LineReport(
                self._counts.received_loss(),
                self._counts.pictures(),
                self._counts.received_kbps(),
                self._pictures_sent.most_down_kbps if self._reads_most else None,
            )
            self._phone.send_message(call, report.to_text())

    def _report_after(self, now: float) -> float:
        if not self._is_peer_ours:
            is_first = now - self._began_at < FIRST_SECONDS
            return 2 * FIRST_REPORT_SECONDS if is_first else REPORT_SECONDS
        self._unanswered += 1
        longer = 1 << min(self._unanswered - 1, 8)
        return min(LONGEST_REPORT_SECONDS, REPORT_SECONDS * longer)

    def _sent_loss(self) -> float:
        """Give the larger of what Asterisk tells by RTCP and what the peer tells."""
        told = self._reported.loss if self._reported else 0.0
        return max(self._counts.sent_loss(), told)
