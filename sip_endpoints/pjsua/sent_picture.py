# SPDX-License-Identifier: AGPL-3.0-or-later
"""Part of the pjsua2 adapter: the picture that a call sends, changed while it lasts."""

from dataclasses import dataclass

import pjsua2 as pj

from sip_endpoints.call.phone import MissingDeviceError
from sip_endpoints.log import Log
from sip_endpoints.pjsua.held_camera import HeldCamera, join_camera, part_camera
from sip_endpoints.settings import Picture

log = Log(__name__)


@dataclass(frozen=True, slots=True)
class Cameras:
    """The devices that pictures are taken from, by the stack's numbers."""

    camera: int
    # Virtual; what is sent while the camera must not be open.
    stand_in: int


@dataclass(slots=True)
class _Sending:
    """What one call sends of what it may."""

    # The line carries no picture.
    is_off: bool
    # The camera waits, or is closed.
    is_shut: bool
    # The camera that is open, while the line carries no picture.
    held: HeldCamera | None = None
    # What was chosen for the line; None until something was.
    picture: Picture | None = None


class SentPicture:
    """What each call with a picture sends; each begins with the full picture.

    The stack opens a camera when the first call begins to send from it, and closes it when the
    last one stops. A call whose camera waits begins with the stand-in, which is not sent unless it
    is asked for.
    """

    def __init__(self, *, camera_waits: bool) -> None:
        self._camera_waits = camera_waits
        self._cameras = Cameras(-1, -1)
        self._sending: dict[int, _Sending] = {}

    def take_cameras(self, cameras: Cameras) -> None:
        """Learn which devices there are."""
        self._cameras = cameras

    def forget(self, call: int) -> None:
        """Let the next call of this number begin with the full picture."""
        self._sending.pop(call, None)

    def begin_anew(self, call: pj.Call) -> None:
        """Send as before over streams that were agreed on anew. Raises pj.Error.

        They begin with the full bit rate, which a thin line that asked for less cannot carry.
        """
        sending = self._of(call)
        sending.held = None
        if not _has_picture(call):
            return
        if sending.picture is not None:
            _modify(call, sending.picture)
        if sending.is_off and not sending.is_shut:
            sending.held = part_camera(call)

    def change(self, call: pj.Call, picture: Picture | None) -> None:
        """Send this from now on, or nothing. Raises pj.Error.

        Only the bit rate changes, in the stream that is there: a new one (re-INVITE) over a
        full line lost the sound for good. Off and on leave the camera as it is. A call of sound
        alone has nothing to change; should it get a picture, that begins so.
        """
        sending = self._of(call)
        if not _has_picture(call):
            sending.picture, sending.is_off = (
                picture or sending.picture,
                picture is None,
            )
            return
        if picture is None:
            if not sending.is_off and not sending.is_shut:
                sending.held = part_camera(call)
            sending.is_off = True
            return
        sending.picture = picture
        _modify(call, picture)
        if sending.is_off:
            sending.is_off = False
            if not sending.is_shut:
                held, sending.held = sending.held, None
                _feed(call, held)

    def open(self, call: pj.Call) -> None:
        """Send what the camera sees. Raises pj.Error, MissingDeviceError."""
        sending = self._of(call)
        if sending.is_shut:
            _order(call, pj.PJSUA_CALL_VID_STRM_STOP_TRANSMIT)
        _take_from(call, self._cameras.camera)
        sending.is_shut, sending.held = False, None
        try:
            _order(call, pj.PJSUA_CALL_VID_STRM_START_TRANSMIT)
        except pj.Error as error:
            raise MissingDeviceError(error.reason) from error
        if sending.is_off:
            sending.held = part_camera(call)

    def close(self, call: pj.Call) -> None:
        """Send nothing more, and let go of the camera. Raises pj.Error."""
        sending = self._of(call)
        sending.is_shut, sending.held = True, None
        _order(call, pj.PJSUA_CALL_VID_STRM_STOP_TRANSMIT)
        _take_from(call, self._cameras.stand_in)

    def stand_in(self, call: pj.Call, *, is_sent: bool) -> None:
        """Send the stand-in, or stop; nothing once the camera is open. Raises pj.Error."""
        if not self._of(call).is_shut:
            return
        _order(
            call,
            (
                pj.PJSUA_CALL_VID_STRM_START_TRANSMIT
                if is_sent
                else pj.PJSUA_CALL_VID_STRM_STOP_TRANSMIT
            ),
        )

    def _of(self, call: pj.Call) -> _Sending:
        begins = _Sending(is_off=False, is_shut=self._camera_waits)
        return self._sending.setdefault(int(call.getId()), begins)


def _order(call: pj.Call, order: int) -> None:
    call.vidSetStream(order, pj.CallVidSetStreamParam())


def _has_picture(call: pj.Call) -> bool:
    """Tell whether a picture was agreed on: pjsua has no stream of it otherwise (-1)."""
    return bool(call.vidGetStreamIdx() >= 0)


def _feed(call: pj.Call, held: HeldCamera | None) -> None:
    if held is None or not join_camera(call, held):
        _order(call, pj.PJSUA_CALL_VID_STRM_STOP_TRANSMIT)
        _order(call, pj.PJSUA_CALL_VID_STRM_START_TRANSMIT)
        return
    try:
        _order(call, pj.PJSUA_CALL_VID_STRM_SEND_KEYFRAME)
    except pj.Error as error:
        # A whole one left within the last second.
        log.debug("no whole picture now", reason=error.reason)


def _take_from(call: pj.Call, device: int) -> None:
    """Choose the device; to be called while none is open, so that none is opened by it."""
    parameters = pj.CallVidSetStreamParam()
    parameters.capDev = device
    call.vidSetStream(pj.PJSUA_CALL_VID_STRM_CHANGE_CAP_DEV, parameters)


def _modify(call: pj.Call, picture: Picture) -> None:
    index = call.vidGetStreamIdx()
    parameters = call.getStreamInfo(index).vidCodecParam
    parameters.encFmt.avgBps = picture.bitrate_kbps * 1000
    parameters.encFmt.maxBps = picture.bitrate_kbps * 1500
    try:
        call.vidStreamModifyCodecParam(index, parameters)
    except pj.Error as error:
        log.warning("the codec takes no other bit rate", reason=error.reason)
