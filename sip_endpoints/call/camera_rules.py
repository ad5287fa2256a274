# SPDX-License-Identifier: AGPL-3.0-or-later
"""When a kiosk's camera may be open: never without a counsellor, never without a notice (pure)."""

from enum import StrEnum

# As long as it takes to read a short sentence and to hear two notes.
NOTICE_SECONDS = 1.0
# A counsellor's telephone rings for no longer; then it rings at another's, or at none.
RINGING_SECONDS = 20.0


class CameraStage(StrEnum):
    """What the resident is shown of the camera."""

    OFF = "off"
    NOTICE = "notice"
    ON = "on"


class CameraRules:
    """The camera of one call; all times are of one monotonic clock."""

    def __init__(self) -> None:
        self.stage = CameraStage.OFF
        self._notice_since = 0.0
        self._rings_until = 0.0
        self.is_answered = False

    def call_counsellor(self, now: float) -> None:
        """Note that a counsellor's telephone rings: the notice begins."""
        self._rings_until = now + RINGING_SECONDS
        self._begin_notice(now)

    def answer_by_counsellor(self, now: float) -> None:
        """Note that the counsellor is there; a notice that was seen long enough is not repeated."""
        self.is_answered = True
        self._begin_notice(now)

    def look(self, now: float) -> CameraStage:
        """Give what holds now."""
        if self.stage is CameraStage.NOTICE:
            if self.is_answered:
                if now - self._notice_since >= NOTICE_SECONDS:
                    self.stage = CameraStage.ON
            elif now >= self._rings_until:
                self.stage = CameraStage.OFF
        return self.stage

    def _begin_notice(self, now: float) -> None:
        if self.stage is CameraStage.OFF:
            self.stage, self._notice_since = CameraStage.NOTICE, now
