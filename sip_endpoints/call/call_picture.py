# SPDX-License-Identifier: AGPL-3.0-or-later
"""The picture of one call of a kiosk, both ways: the camera to the peer, the peer on the screen."""

from sip_endpoints.call.phone import (
    CallGoneError,
    MissingDeviceError,
    OrderRefusedError,
    Phone,
)
from sip_endpoints.call.record import CallRecord
from sip_endpoints.call.speaking import Speaking
from sip_endpoints.log import Log

log = Log(__name__)

# Asterisk ends a call one of whose streams is silent for half a minute.
STAND_IN_EVERY_SECONDS, STAND_IN_SECONDS = 10.0, 0.3
# A camera that is unplugged in a call may come back in it.
OPEN_AGAIN_SECONDS = 3.0
# What is decoded is drawn a moment later, and not all of it.
DRAWN_AFTER_PICTURES = 5


class CallPicture:
    """Both pictures of one call, which begin dark; times are of one monotonic clock."""

    def __init__(self, phone: Phone, record: CallRecord, now: float) -> None:
        self._phone = phone
        self.record = record
        self._is_peer_shown = self._is_stand_in_sent = self._is_open = False
        self._pictures_before = 0
        # Those that came while it was dark after somebody had left the call: their last ones
        # come late. None: nobody left.
        self._pictures_of_former: int | None = None
        # The peer's window is on the screen, or about to be.
        self.is_drawn = False
        self._speaking = Speaking()
        self._stand_in_at = now + STAND_IN_EVERY_SECONDS
        self._open_at = 0.0

    def agree_media(self) -> None:
        """Begin again with the streams that were agreed on anew."""
        self._is_peer_shown = self._is_stand_in_sent = self._is_open = False
        self.is_drawn = False
        self._open_at = 0.0
        self._pictures_of_former = None

    def left(self, now: float) -> "CallPicture":
        """Go dark, since who was seen has left the call, and give what goes on in it."""
        self.go_dark()
        following = CallPicture(self._phone, self.record, now)
        following._pictures_of_former = 0
        return following

    def turn(self, now: float, *, is_on: bool, is_expected: bool) -> None:
        """Send the camera and show the peer, or live on without either.

        One whose peer is there already, and is about to see, gets no stand-in before.
        """
        try:
            if is_on:
                self._open(now)
                self._show_peer()
            else:
                self._live_on(now, is_expected=is_expected)
        except CallGoneError:
            log.debug("the call ended meanwhile")
        except OrderRefusedError as error:
            log.warning("the stack takes no more for now", reason=str(error))

    def is_speaking(self, now: float) -> bool:
        """Tell whether the peer speaks; not where nothing is seen that could show it."""
        try:
            return self._speaking.take(self._phone.loudness(self.record.call), now)
        except (CallGoneError, OrderRefusedError):
            return False

    def go_dark(self) -> None:
        """Close the camera and hide the peer, though the call may last for the network."""
        try:
            self._phone.go_dark(self.record.call)
        except (CallGoneError, OrderRefusedError):
            log.debug(
                "the end of the call closed it", appointment=self.record.appointment_id
            )

    def _open(self, now: float) -> None:
        if self._is_open or now < self._open_at:
            return
        self._open_at = now + OPEN_AGAIN_SECONDS
        try:
            self._phone.open_camera(self.record.call)
        except MissingDeviceError as error:
            log.warning("the camera does not open", reason=str(error))
            return
        self._is_open = True

    def _show_peer(self) -> None:
        """Show the peer with the first picture: a window without one is black."""
        if self.is_drawn:
            return
        pictures = self._pictures() - (self._pictures_of_former or 0)
        if self._is_peer_shown:
            self.is_drawn = pictures >= self._pictures_before + DRAWN_AFTER_PICTURES
        elif pictures > 0:
            self._phone.show_peer(self.record.call)
            self._is_peer_shown, self._pictures_before = True, pictures

    def _pictures(self) -> int:
        seen = self._phone.statistics(self.record.call)
        return seen.video.frames_decoded if seen and seen.video else 0

    def _live_on(self, now: float, *, is_expected: bool) -> None:
        """Send a little of a picture that shows nothing of the room, now and then."""
        if self._pictures_of_former is not None:
            self._pictures_of_former = self._pictures()
        if now < self._stand_in_at and not (is_expected and self._is_stand_in_sent):
            return
        is_sent = not self._is_stand_in_sent and not is_expected
        self._stand_in_at = now + (
            STAND_IN_SECONDS if is_sent else STAND_IN_EVERY_SECONDS
        )
        if is_sent is not self._is_stand_in_sent:
            self._phone.send_stand_in(self.record.call, is_sent=is_sent)
            self._is_stand_in_sent = is_sent
