# SPDX-License-Identifier: AGPL-3.0-or-later
"""The one call of an endpoint: its record, its media watched, its end noticed."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sip_endpoints.call.line_keeper import LineKeeper
from sip_endpoints.call.line_quality import LineQuality
from sip_endpoints.call.line_report import WHOLE_PICTURE
from sip_endpoints.call.media_watch import MediaWatch, Verdict
from sip_endpoints.call.phone import (
    CallEnded,
    CallGoneError,
    MediaStatistics,
    OrderRefusedError,
    Phone,
)
from sip_endpoints.call.record import CallRecord, CallStage
from sip_endpoints.log import Log

log = Log(__name__)

NO_MEDIA_CODE = 408
NO_MEDIA_REASON = "no media"
# Q.850: temporary failure.
NO_MEDIA_CAUSE = 41
# The encoder makes no more whole pictures than this, whoever asks.
WHOLE_PICTURE_SECONDS = 1.0


class CallKeeper:
    """Keep the current call and the last one; both services stand on it."""

    def __init__(
        self,
        phone: Phone,
        silence_limit_seconds: float,
        black_picture_seconds: float,
        clock: Callable[[], float] = time.monotonic,
        line: LineKeeper | None = None,
    ) -> None:
        self._line = line
        self._phone = phone
        self._silence_limit_seconds = silence_limit_seconds
        self._black_picture_seconds = black_picture_seconds
        self._clock = clock
        self._watch: MediaWatch | None = None
        self._whole_picture_at = 0.0
        self.current: CallRecord | None = None
        self.last: CallRecord | None = None

    def begin(self, record: CallRecord) -> None:
        """Take over a call that begins; the caller made sure that there is none."""
        self.current = record
        self._watch = None

    def holds(self, call: int) -> bool:
        """Say whether this is the current call."""
        return self.current is not None and self.current.call == call

    def confirm(self) -> CallRecord | None:
        """Note that media flows; show ourselves to the peer at once."""
        record = self.current
        if record is None or record.stage is CallStage.CONFIRMED:
            return None
        record.stage = CallStage.CONFIRMED
        record.confirmed_at = datetime.now(UTC)
        self._watch = MediaWatch(
            self._clock(), self._silence_limit_seconds, self._black_picture_seconds
        )
        if self._line is not None:
            self._line.begin(record.call, self._clock())
        self._send_whole_picture(record)
        return record

    def _send_whole_picture(self, record: CallRecord) -> None:
        self._whole_picture_at = self._clock() + WHOLE_PICTURE_SECONDS
        try:
            self._phone.send_key_frame(record.call)
        except (CallGoneError, OrderRefusedError):
            # Sound only, or over already: nothing to show.
            log.debug("no key frame sent", appointment=record.appointment_id)

    def end(self, event: CallEnded) -> CallRecord | None:
        """Note the end of the current call and return its record."""
        if not self.holds(event.call):
            return None
        return self._close(event.code, event.reason)

    def _close(self, code: int, reason: str) -> CallRecord | None:
        record = self.current
        if record is not None:
            record.end(code, reason)
            self.last, self.current, self._watch = record, None, None
            if self._line is not None:
                self._line.end(self._clock())
        return record

    def take_text(self, text: str) -> bool:
        """Take a MESSAGE of the peer's telephone; False when it is meant for people."""
        record = self.current
        if text.strip() == WHOLE_PICTURE and record is not None:
            is_due = self._clock() >= self._whole_picture_at
            if record.stage is CallStage.CONFIRMED and is_due:
                self._send_whole_picture(record)
            return True
        return self._line is not None and self._line.take_text(self._clock(), text)

    @property
    def line_quality(self) -> tuple[LineQuality, LineQuality] | None:
        """Give how well the peer sees us, and we the peer; None where nobody watches."""
        return self._line.quality if self._line is not None else None

    def line_json(self) -> dict[str, Any] | None:
        """Return what `status` shows of the current call's line; None between calls."""
        if self._line is None or self.current is None:
            return None
        return self._line.to_json()

    def tick(self) -> CallRecord | None:
        """Look at the media; return the record when the peer is found to be gone."""
        record, watch = self.current, self._watch
        if record is None or watch is None:
            return None
        try:
            statistics = self._phone.statistics(record.call)
        except CallGoneError:
            return None
        record.look(self._clock(), statistics)
        if self._line is not None:
            self._line.look(self._clock(), statistics)
        return self._act(record, watch, statistics)

    def _act(
        self, record: CallRecord, watch: MediaWatch, statistics: MediaStatistics | None
    ) -> CallRecord | None:
        verdict = watch.look(self._clock(), statistics)
        if verdict is Verdict.FINE:
            return None
        log.warning(
            "media fault", verdict=verdict.value, appointment=record.appointment_id
        )
        try:
            if verdict is Verdict.RESTART:
                self._phone.restart_media(record.call)
                return None
            # The end that lives tells that the other did not: else it reads as a good-bye.
            self._phone.hang_up(record.call, cause=NO_MEDIA_CAUSE)
        except (CallGoneError, OrderRefusedError) as error:
            log.info("not now", reason=str(error), appointment=record.appointment_id)
        if verdict is Verdict.RESTART:
            return None
        # Not waiting for the BYE's answer: nobody may be there to give it, and the
        # endpoint must be free for the next call.
        return self._close(NO_MEDIA_CODE, NO_MEDIA_REASON)
