# SPDX-License-Identifier: AGPL-3.0-or-later
"""A kiosk's camera and first screen through a call: off, a notice with a sound, then both open."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from sip_endpoints.call.camera_rules import CameraRules, CameraStage
from sip_endpoints.call.counsellor_near import CounsellorNear, Nearness
from sip_endpoints.call.phone import (
    CallGoneError,
    MissingDeviceError,
    OrderRefusedError,
    Phone,
    PromptError,
)
from sip_endpoints.call.record import CallRecord
from sip_endpoints.log import Log

log = Log(__name__)

# Asterisk ends a call one of whose streams is silent for half a minute.
STAND_IN_EVERY_SECONDS, STAND_IN_SECONDS = 10.0, 0.3
# A camera that is unplugged in a call may come back in it.
OPEN_AGAIN_SECONDS = 3.0


class FirstScreen(Protocol):
    """What lies behind the counsellor's picture."""

    def show(self, stage: CameraStage, language: str = "") -> None:
        """Show what the camera does, in the kiosk's own language or in another.

        Never wait, never raise.
        """

    def tend(self) -> None:
        """Do what the last picture left to do; called some ten times a second."""


class NoFirstScreen:
    """The first screen of a telephone that draws nothing."""

    def show(self, stage: CameraStage, language: str = "") -> None:
        """Show nothing."""

    def tend(self) -> None:
        """Leave nothing to do."""


class CameraKeeper:
    """Opens the camera of the call that is up when a counsellor is there, after the notice.

    A source of the endpoint's loop.
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
        self._record: CallRecord | None = None
        self._rules = CameraRules()
        self._is_peer_shown = self._is_stand_in_sent = False
        self._is_open = False
        self._stand_in_at = self._open_at = 0.0

    def begin(self, record: CallRecord) -> None:
        """Take over a call that begins."""
        self._record = record
        self._rules = CameraRules()
        self._is_peer_shown = self._is_stand_in_sent = self._is_open = False
        self._stand_in_at = self._clock() + STAND_IN_EVERY_SECONDS
        self._open_at = 0.0

    def end(self) -> None:
        """Go dark at once, also where the call is not over yet for a peer that is gone."""
        record, self._record = self._record, None
        self._rules = CameraRules()
        self._screen.show(CameraStage.OFF)
        if record is None:
            return
        try:
            self._phone.go_dark(record.call)
        except (CallGoneError, OrderRefusedError):
            log.debug(
                "the end of the call closed it", appointment=record.appointment_id
            )

    def agree_media(self, call: int) -> None:
        """Begin again with the streams that were agreed on anew."""
        if self._record is not None and self._record.call == call:
            self._is_peer_shown = self._is_stand_in_sent = self._is_open = False
            self._open_at = 0.0

    def take(self, told: CounsellorNear) -> None:
        """Take what the dialplan tells of this call's counsellor."""
        record = self._record
        if record is None or record.appointment_id != told.appointment_id:
            return
        before = self._rules.stage
        if told.nearness is Nearness.CALLED:
            self._rules.call_counsellor(self._clock())
        else:
            self._rules.answer_by_counsellor(self._clock())
        self._turn(record, before)

    def poll(self) -> None:
        """Do what time asks for."""
        self._screen.tend()
        record = self._record
        if record is None:
            return
        before = self._rules.stage
        if before is not CameraStage.ON and record.frames_decoded:
            # Somebody sends a picture: the counsellor, of whom an older server tells nothing.
            self._rules.answer_by_counsellor(self._clock())
        self._turn(record, before)

    def status(self) -> dict[str, Any]:
        """Return what `status` shows."""
        return {"stage": self._rules.stage.value, "open": self._phone.is_camera_open}

    def _turn(self, record: CallRecord, before: CameraStage) -> None:
        stage = self._rules.look(self._clock())
        if stage is not before:
            log.info("camera", stage=stage.value, appointment=record.appointment_id)
            self._screen.show(stage, record.language)
            if stage is CameraStage.NOTICE:
                self._sound()
        try:
            if stage is CameraStage.ON:
                self._open(record)
                self._show_peer(record)
            else:
                self._live_on(record)
        except CallGoneError:
            log.debug("the call ended meanwhile")
        except OrderRefusedError as error:
            log.warning("the stack takes no more for now", reason=str(error))

    def _open(self, record: CallRecord) -> None:
        if self._is_open or self._clock() < self._open_at:
            return
        self._open_at = self._clock() + OPEN_AGAIN_SECONDS
        try:
            self._phone.open_camera(record.call)
        except MissingDeviceError as error:
            log.warning("the camera does not open", reason=str(error))
            return
        self._is_open = True

    def _show_peer(self, record: CallRecord) -> None:
        """Show the counsellor with the first picture: a window without one is black."""
        if self._is_peer_shown:
            return
        seen = self._phone.statistics(record.call)
        if seen is not None and seen.video is not None and seen.video.frames_decoded:
            self._phone.show_peer(record.call)
            self._is_peer_shown = True

    def _live_on(self, record: CallRecord) -> None:
        """Send a little of a picture that shows nothing of the room, now and then."""
        now = self._clock()
        is_seen = self._rules.is_answered
        if now < self._stand_in_at and not (is_seen and self._is_stand_in_sent):
            return
        is_sent = not self._is_stand_in_sent and not is_seen
        self._stand_in_at = now + (
            STAND_IN_SECONDS if is_sent else STAND_IN_EVERY_SECONDS
        )
        if is_sent is not self._is_stand_in_sent:
            self._phone.send_stand_in(record.call, is_sent=is_sent)
            self._is_stand_in_sent = is_sent

    def _sound(self) -> None:
        try:
            self._phone.play(self._notice_sound)
        except PromptError as error:
            log.warning("the notice is not heard", reason=str(error))
