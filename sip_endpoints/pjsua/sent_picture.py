# SPDX-License-Identifier: AGPL-3.0-or-later
"""Part of the pjsua2 adapter: the picture that a call sends, changed while it lasts."""

import pjsua2 as pj

from sip_endpoints.log import Log
from sip_endpoints.pjsua.call_parameters import call_parameters
from sip_endpoints.pjsua.setup import VIDEO_CODECS, set_picture
from sip_endpoints.settings import Picture

log = Log(__name__)


class SentPicture:
    """What the one call with a picture sends; the full picture before and after it."""

    def __init__(self, full: Picture) -> None:
        self._full = full
        # What the codec of the stream was opened with; the bit rate may differ since.
        self._opened = full
        self._is_off = False

    def change(
        self, endpoint: pj.Endpoint, call: pj.Call, picture: Picture | None
    ) -> None:
        """Send this from now on, or nothing. Raises pj.Error.

        A bit rate changes in the stream; a size or a rate needs a new one (re-INVITE). Off and
        on only stop the sending: a stream that is taken away and added again stays black.
        """
        if picture is None:
            self._is_off = True
            _order(call, pj.PJSUA_CALL_VID_STRM_STOP_TRANSMIT)
            return
        if self._is_off:
            # Never with a re-INVITE under way, which takes the stream away: pjsua breaks. It
            # keeps its size until the next change.
            _modify(call, picture)
            _order(call, pj.PJSUA_CALL_VID_STRM_START_TRANSMIT)
            self._is_off = False
            return
        if _shape(picture) != _shape(self._opened) or not _modify(call, picture):
            self._open(endpoint, picture)
            parameters = call_parameters(0)
            parameters.opt.flag = pj.PJSUA_CALL_REINIT_MEDIA
            call.reinvite(parameters)

    def forget(self, endpoint: pj.Endpoint) -> None:
        """Let the next call begin with the full picture."""
        self._is_off = False
        if self._opened != self._full:
            self._open(endpoint, self._full)

    def _open(self, endpoint: pj.Endpoint, picture: Picture) -> None:
        for found in endpoint.videoCodecEnum2():
            if found.codecId.startswith(VIDEO_CODECS):
                set_picture(endpoint, found.codecId, picture)
        self._opened = picture


def _order(call: pj.Call, order: int) -> None:
    call.vidSetStream(order, pj.CallVidSetStreamParam())


def _modify(call: pj.Call, picture: Picture) -> bool:
    """Change the bit rate of the running stream; False where its codec cannot."""
    index = call.vidGetStreamIdx()
    parameters = call.getStreamInfo(index).vidCodecParam
    parameters.encFmt.avgBps = picture.bitrate_kbps * 1000
    parameters.encFmt.maxBps = picture.bitrate_kbps * 1500
    try:
        call.vidStreamModifyCodecParam(index, parameters)
    except pj.Error as error:
        log.info("the codec takes no other bit rate", reason=error.reason)
        return False
    return True


def _shape(picture: Picture) -> tuple[int, int, int]:
    return picture.width, picture.height, picture.frames_per_second
