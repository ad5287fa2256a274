# SPDX-License-Identifier: AGPL-3.0-or-later
"""Part of the pjsua2 adapter: the picture that a call sends, changed while it lasts."""

from dataclasses import dataclass

import pjsua2 as pj

from sip_endpoints.call.phone import MissingDeviceError
from sip_endpoints.log import Log
from sip_endpoints.settings import Picture

log = Log(__name__)


@dataclass(frozen=True, slots=True)
class Cameras:
    """The devices that pictures are taken from, by the stack's numbers."""

    camera: int
    # Virtual; what is sent while the camera must not be open.
    stand_in: int


class SentPicture:
    """What the one call with a picture sends; each call begins with the full picture.

    The stack opens a camera when it begins to send from it, and closes it when it stops. A call
    whose camera waits begins with the stand-in, which is not sent unless it is asked for.
    """

    def __init__(self, *, camera_waits: bool) -> None:
        self._camera_waits = camera_waits
        self._cameras = Cameras(-1, -1)
        self.forget()

    def take_cameras(self, cameras: Cameras) -> None:
        """Learn which devices there are."""
        self._cameras = cameras

    def forget(self) -> None:
        """Let the next call begin with the full picture."""
        self._is_off = False
        self._is_shut = self._camera_waits

    def change(self, call: pj.Call, picture: Picture | None) -> None:
        """Send this from now on, or nothing. Raises pj.Error.

        Only the bit rate changes, in the stream that is there: a new one (re-INVITE) over a
        full line lost the sound for good. Off and on only stop the sending.
        """
        if picture is None:
            self._is_off = True
            _order(call, pj.PJSUA_CALL_VID_STRM_STOP_TRANSMIT)
            return
        _modify(call, picture)
        if self._is_off:
            self._is_off = False
            if not self._is_shut:
                _order(call, pj.PJSUA_CALL_VID_STRM_START_TRANSMIT)

    def open(self, call: pj.Call) -> None:
        """Send what the camera sees. Raises pj.Error, MissingDeviceError."""
        if self._is_shut:
            _order(call, pj.PJSUA_CALL_VID_STRM_STOP_TRANSMIT)
        _take_from(call, self._cameras.camera)
        self._is_shut = False
        if self._is_off:
            return
        try:
            _order(call, pj.PJSUA_CALL_VID_STRM_START_TRANSMIT)
        except pj.Error as error:
            raise MissingDeviceError(error.reason) from error

    def close(self, call: pj.Call) -> None:
        """Send nothing more, and let go of the camera. Raises pj.Error."""
        self._is_shut = True
        _order(call, pj.PJSUA_CALL_VID_STRM_STOP_TRANSMIT)
        _take_from(call, self._cameras.stand_in)

    def stand_in(self, call: pj.Call, *, is_sent: bool) -> None:
        """Send the stand-in, or stop; nothing once the camera is open. Raises pj.Error."""
        if not self._is_shut:
            return
        _order(
            call,
            (
                pj.PJSUA_CALL_VID_STRM_START_TRANSMIT
                if is_sent
                else pj.PJSUA_CALL_VID_STRM_STOP_TRANSMIT
            ),
        )


def _order(call: pj.Call, order: int) -> None:
    call.vidSetStream(order, pj.CallVidSetStreamParam())


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
