# SPDX-License-Identifier: AGPL-3.0-or-later
"""What an endpoint remembers and tells about one call."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sip_endpoints.call.phone import AudioStatistics, MediaStatistics, VideoStatistics


class CallStage(StrEnum):
    """How far a call is."""

    RINGING = "ringing"
    DIALLING = "dialling"
    CONFIRMED = "confirmed"
    ENDED = "ended"


@dataclass(slots=True, kw_only=True)
class CallRecord:
    """One call from its INVITE to its end, and the last counters seen.

    Each number of packets and frames is that of the whole call, kept over a restart of
    the media, which makes the stack count from zero again.
    """

    call: int
    remote_user: str
    remote_name: str = ""
    appointment_id: str | None = None
    sip_call_id: str = ""
    # What the kiosk speaks in it; empty: French.
    language: str = ""
    stage: CallStage = CallStage.RINGING
    began_at: datetime
    confirmed_at: datetime | None = None
    ended_at: datetime | None = None
    end_code: int = 0
    end_reason: str = ""
    digits_received: str = ""
    audio: AudioStatistics | None = None
    video: VideoStatistics | None = None
    frames_per_second: float = 0.0
    _looked_at: float | None = None
    _frames_before: int = 0
    _frames_base: int = 0

    def look(self, now: float, statistics: MediaStatistics | None) -> None:
        """Take in the counters at this monotonic time; None leaves the last ones."""
        if statistics is None:
            return
        if statistics.audio:
            self.audio = statistics.audio
        if statistics.video is None:
            return
        before = self.video.frames_decoded if self.video else 0
        if statistics.video.frames_decoded < before:
            self._frames_base += before
        self.video = statistics.video
        self._measure_rate(now)

    @property
    def frames_decoded(self) -> int:
        """Return the frames of the whole call."""
        return self._frames_base + (self.video.frames_decoded if self.video else 0)

    def _measure_rate(self, now: float) -> None:
        """Work out frames per second over the last second or more."""
        if self._looked_at is None:
            self._looked_at, self._frames_before = now, self.frames_decoded
        elapsed = now - self._looked_at
        if elapsed >= 1.0:
            frames = self.frames_decoded - self._frames_before
            self.frames_per_second = round(frames / elapsed, 1)
            self._looked_at, self._frames_before = now, self.frames_decoded

    def end(self, code: int, reason: str) -> None:
        """Note the end of the call."""
        self.stage = CallStage.ENDED
        self.ended_at = datetime.now(UTC)
        self.end_code, self.end_reason = code, reason

    def forget(self) -> None:
        """Forget who called and what was keyed; the counters stay."""
        self.remote_name = self.digits_received = ""

    @property
    def personal(self) -> int:
        """Count what is remembered of persons."""
        return bool(self.remote_name) + bool(self.digits_received)

    def to_json(self) -> dict[str, Any]:
        """Return what `status --json` shows of this call."""
        return {
            "call": self.call,
            "stage": self.stage.value,
            "sip_call_id": self.sip_call_id,
            "appointment_id": self.appointment_id,
            "language": self.language,
            "remote_user": self.remote_user,
            "remote_name": self.remote_name,
            "began_at": _text(self.began_at),
            "confirmed_at": _text(self.confirmed_at),
            "ended_at": _text(self.ended_at),
            "end_code": self.end_code,
            "end_reason": self.end_reason,
            "digits_received": self.digits_received,
            "audio": self._audio_json(),
            "video": self._video_json(),
        }

    def _audio_json(self) -> dict[str, Any] | None:
        if self.audio is None:
            return None
        return {"codec": self.audio.codec, **_packets(self.audio)}

    def _video_json(self) -> dict[str, Any] | None:
        if self.video is None:
            return None
        return {
            "codec": self.video.codec,
            "width": self.video.width,
            "height": self.video.height,
            "fps": self.frames_per_second,
            "frames_decoded": self.frames_decoded,
            "gap_milliseconds": self.video.gap_milliseconds,
            **_packets(self.video),
        }


def _packets(stream: AudioStatistics | VideoStatistics) -> dict[str, Any]:
    expected = stream.packets_received + stream.packets_lost
    share = stream.packets_lost / expected if expected else 0.0
    return {
        "packets_received": stream.packets_received,
        "packets_lost": stream.packets_lost,
        "loss_fraction": round(share, 4),
    }


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
