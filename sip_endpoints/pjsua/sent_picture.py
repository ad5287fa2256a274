# SPDX-License-Identifier: AGPL-3.0-or-later
"""Part of the pjsua2 adapter: the picture that a call sends, changed while it lasts."""

import pjsua2 as pj

from sip_endpoints.log import Log
from sip_endpoints.settings import Picture

log = Log(__name__)


class SentPicture:
    """What the one call with a picture sends; each call begins with the full picture."""

    def __init__(self) -> None:
        self._is_off = False

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
            _order(call, pj.PJSUA_CALL_VID_STRM_START_TRANSMIT)
            self._is_off = False

    def forget(self) -> None:
        """Let the next call begin with the full picture."""
        self._is_off = False


def _order(call: pj.Call, order: int) -> None:
    call.vidSetStream(order, pj.CallVidSetStreamParam())


def _modify(call: pj.Call, picture: Picture) -> None:
    index = call.vidGetStreamIdx()
    parameters = call.getStreamInfo(index).vidCodecParam
    parameters.encFmt.avgBps = picture.bitrate_kbps * 1000
    parameters.encFmt.maxBps = picture.bitrate_kbps * 1500
    try:
        call.vidStreamModifyCodecParam(index, parameters)
    except pj.Error as error:
        log.warning("the codec takes no other bit rate", reason=error.reason)
