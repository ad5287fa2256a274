# SPDX-License-Identifier: AGPL-3.0-or-later
"""A kiosk's camera and first screen through a call: off, a notice with a sound, then both open."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from sip_endpoints.call.call_picture import CallPicture
from sip_endpoints.call.camera_rules import CameraRules, CameraStage
from sip_endpoints.call.counsellor_near import CounsellorNear, Nearness
from sip_endpoints.call.phone import Phone, PromptError
from sip_endpoints.call.record import CallRecord
from sip_endpoints.log import Log

log = Log(__name__)

# The last pictures of a counsellor who left are counted within this time.
STRAGGLERS_SECONDS = 3.0


class FirstScreen(Protocol):
    """What lies behind the counsellor's picture."""

    def show(self, stage: CameraStage, language: str = "") -> None:
        """Show what the camera does, in the kiosk's own language or in another.

        Never wait, never raise.
        """

    def frame(self, speaking: Mapping[int, bool], *, is_anew: bool) -> None:
        """Have the pictures of these calls stand in this order, framed for who speaks.

        `is_anew`: other pictures are seen than before. Never wait, never raise.
        """

    def tend(self) -> None:
        """Do what the last picture left to do; called some ten times a second."""


class NoFirstScreen:
    """The first screen of a telephone that draws nothing."""

    def show(self, stage: CameraStage, language: str = "") -> None:
        """Show nothing."""

    def frame(self, speaking: Mapping[int, bool], *, is_anew: bool) -> None:
        """Frame nothing."""

    def tend(self) -> None:
        """Leave nothing to do."""


class CameraKeeper:
    """Opens the camera of the call that is up when a counsellor is there, after the notice.

    An interpreter who joins gets the same picture, once they are there. A source of the
    endpoint's loop.
    """

    def __init__(
        self,
        phone: Phone,
        screen: FirstScreen,
        notice_sound: Path,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._phone = phone
        self._screen = screen
        self._notice_sound = notice_sound
        self._clock = clock
        self._rules = CameraRules()
        self._first: CallPicture | None = None
        self._second: CallPicture | None = None
        self._is_second_there = False
        self._seen: tuple[int, ...] = ()
        # Pictures of who has left this call: they tell of nobody who is there.
        self._left_at = float("-inf")
        self._frames_before = 0

    def begin(self, record: CallRecord) -> None:
        """Take over a call that begins."""
        self._first = CallPicture(self._phone, record, self._clock())
        self._rules = CameraRules()
        self._left_at, self._frames_before = float("-inf"), 0

    def end(self) -> None:
        """Go dark at once, also where the call is not over yet for a peer that is gone."""
        self.end_second()
        first, self._first = self._first, None
        self._rules = CameraRules()
        self._screen.show(CameraStage.OFF)
        if first is not None:
            first.go_dark()

    def begin_second(self, record: CallRecord) -> None:
        """Take over a second call beside the first, dark until somebody is there."""
        self._second = CallPicture(self._phone, record, self._clock())
        self._is_second_there = False

    def answer_second(self) -> None:
        """Let who answered the second call see and be seen, as the counsellor is."""
        self._is_second_there = True
        self.poll()

    def end_second(self) -> None:
        """Go dark for the second call at once; the first one stays as it is."""
        second, self._second = self._second, None
        if second is not None:
            second.go_dark()

    def agree_media(self, call: int) -> None:
        """Begin again with the streams that were agreed on anew."""
        for each in (self._first, self._second):
            if each is not None and each.record.call == call:
                each.agree_media()

    def take(self, told: CounsellorNear) -> None:
        """Take what the dialplan tells of this call's counsellor."""
        if (
            self._first is None
            or self._first.record.appointment_id != told.appointment_id
        ):
            return
        before = self._rules.stage
        if told.nearness is Nearness.LEFT:
            self._leave(self._first)
            return
        if told.nearness is Nearness.CALLED:
            self._rules.call_counsellor(self._clock())
        else:
            self._rules.answer_by_counsellor(self._clock())
        self._turn(self._first, before)

    def _leave(self, first: CallPicture) -> None:
        """Go dark until the next counsellor is there; the call itself goes on."""
        record = first.record
        self._first = first.left(self._clock())
        self._rules = CameraRules()
        self._left_at = self._clock()
        self._screen.show(CameraStage.OFF, record.language)
        log.info("camera", stage="left", appointment=record.appointment_id)

    def poll(self) -> None:
        """Do what time asks for."""
        self._screen.tend()
        if self._first is None:
            return
        before = self._rules.stage
        frames = self._first.record.frames_decoded
        if self._clock() - self._left_at < STRAGGLERS_SECONDS:
            self._frames_before = frames
        is_seen = frames > self._frames_before
        if before is not CameraStage.ON and is_seen:
            # Somebody sends a picture: the counsellor, of whom an older server tells nothing.
            self._rules.answer_by_counsellor(self._clock())
        self._turn(self._first, before)
        self._frame()

    def _frame(self) -> None:
        """Have it seen who of those on the screen speaks."""
        now = self._clock()
        drawn = [each for each in (self._first, self._second) if each and each.is_drawn]
        seen = tuple(each.record.call for each in drawn)
        speaking = {each.record.call: each.is_speaking(now) for each in drawn}
        self._screen.frame(speaking, is_anew=seen != self._seen)
        self._seen = seen

    @property
    def is_counsellor_there(self) -> bool:
        """Tell whether a counsellor has answered the call that is up."""
        return self._first is not None and self._rules.is_answered

    def status(self) -> dict[str, Any]:
        """Return what `status` shows."""
        return {"stage": self._rules.stage.value, "open": self._phone.is_camera_open}

    def _turn(self, first: CallPicture, before: CameraStage) -> None:
        now = self._clock()
        stage, record = self._rules.look(now), first.record
        if stage is not before:
            log.info("camera", stage=stage.value, appointment=record.appointment_id)
            self._screen.show(stage, record.language)
            if stage is CameraStage.NOTICE:
                self._sound()
        is_on = stage is CameraStage.ON
        first.turn(now, is_on=is_on, is_expected=self._rules.is_answered)
        if self._second is not None:
            is_there = self._is_second_there
            self._second.turn(now, is_on=is_on and is_there, is_expected=is_there)

    def _sound(self) -> None:
        try:
            self._phone.play(self._notice_sound)
        except PromptError as error:
            log.warning("the notice is not heard", reason=str(error))
