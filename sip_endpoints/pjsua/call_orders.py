# SPDX-License-Identifier: AGPL-3.0-or-later
"""Part of the pjsua2 adapter: what one call is told to do."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pjsua2 as pj

from sip_endpoints.call.phone import (
    CallGoneError,
    MediaStatistics,
    OrderRefusedError,
)
from sip_endpoints.pjsua.call_parameters import call_parameters
from sip_endpoints.pjsua.callbacks import PjsuaCall
from sip_endpoints.pjsua.joined_sound import join_calls, join_room, loudness_of
from sip_endpoints.pjsua.received_picture import show_picture
from sip_endpoints.pjsua.sent_picture import SentPicture
from sip_endpoints.pjsua.statistics import statistics_of
from sip_endpoints.pjsua.voice_tap import VoiceTap
from sip_endpoints.settings import Picture

# PJ_ETOOMANY, which pjsua2 leaves out.
TOO_MANY = 70010


class CallOrders:
    """The part of the ``Phone`` protocol that is about one call."""

    def __init__(self, picture: SentPicture) -> None:
        self._calls: dict[int, PjsuaCall] = {}
        self._picture = picture
        self._tap = VoiceTap()

    @contextmanager
    def _call(self, call: int) -> Iterator[PjsuaCall]:
        if call not in self._calls:
            raise CallGoneError(f"call {call} is over")
        try:
            yield self._calls[call]
        except pj.Error as error:
            if error.status == TOO_MANY:
                raise OrderRefusedError(f"call {call}: {error.reason}") from error
            raise CallGoneError(f"call {call}: {error.reason}") from error

    def ring(self, call: int) -> None:
        """Tell the caller that it rings here."""
        with self._call(call) as found:
            found.answer(call_parameters(180))

    def answer(self, call: int, *, is_apart: bool = False) -> None:
        """Accept the call with sound and picture; one that is apart joins nobody yet."""
        with self._call(call) as found:
            found.is_apart = is_apart
            found.answer(call_parameters(200))

    def join(self, call: int, other: int) -> None:
        """Let a call that was apart hear the room and another call, and be heard by both."""
        with self._call(call) as found:
            found.is_apart = False
            found.joined_to = other
            join_room(found)
            self._join_calls()

    def _part(self, ended: int) -> None:
        """Join nothing to the number of a call that ended: the next one may get it."""
        for call in self._calls.values():
            if call.joined_to == ended:
                call.joined_to = None

    def _join_calls(self) -> None:
        """Let calls that were joined hear each other, also anew. Raises pj.Error."""
        for call in self._calls.values():
            if call.joined_to in self._calls:
                join_calls(call, self._calls[call.joined_to])

    def hang_up(self, call: int, code: int = 0, cause: int = 0) -> None:
        """End the call, or refuse it with this SIP status while it rings."""
        parameters = call_parameters(code)
        if cause:
            reason = pj.SipHeader()
            reason.hName, reason.hValue = "Reason", f"Q.850;cause={cause}"
            parameters.txOption.headers.append(reason)
        with self._call(call) as found:
            found.hangup(parameters)

    def send_digit(self, call: int, digit: str) -> None:
        """Send one key by SIP INFO; the next only after DigitAnswered."""
        parameters = pj.CallSendDtmfParam()
        parameters.method = pj.PJSUA_DTMF_METHOD_SIP_INFO
        parameters.digits = digit
        with self._call(call) as found:
            found.sendDtmf(parameters)

    def send_message(self, call: int, text: str) -> None:
        """Send a line of text inside the call's dialog."""
        parameters = pj.SendInstantMessageParam()
        parameters.contentType = "text/plain"
        parameters.content = text
        with self._call(call) as found:
            found.sendInstantMessage(parameters)

    def send_key_frame(self, call: int) -> None:
        """Send a whole picture now, so that the peer sees at once."""
        with self._call(call) as found:
            found.vidSetStream(
                pj.PJSUA_CALL_VID_STRM_SEND_KEYFRAME, pj.CallVidSetStreamParam()
            )

    def set_picture(self, call: int, picture: Picture | None) -> None:
        """Send the picture so from now on, in this call only; None sends none."""
        with self._call(call) as found:
            self._picture.change(found, picture)

    def take_picture(self, call: int, *, is_taken: bool) -> None:
        """Have the peer send its picture, or sound alone; ours goes on either way."""
        both, ours = pj.PJMEDIA_DIR_ENCODING_DECODING, pj.PJMEDIA_DIR_ENCODING
        parameters = pj.CallVidSetStreamParam()
        parameters.dir = both if is_taken else ours
        with self._call(call) as found:
            found.vidSetStream(pj.PJSUA_CALL_VID_STRM_CHANGE_DIR, parameters)

    def open_camera(self, call: int) -> None:
        """Send what the camera sees; raise MissingDeviceError where it does not open."""
        with self._call(call) as found:
            self._picture.open(found)

    def send_stand_in(self, call: int, *, is_sent: bool) -> None:
        """Send a virtual camera's picture while the camera is not opened yet, or stop."""
        with self._call(call) as found:
            self._picture.stand_in(found, is_sent=is_sent)

    def show_peer(self, call: int) -> None:
        """Let what the peer sends be seen."""
        with self._call(call) as found:
            show_picture(found, is_shown=True)

    def loudness(self, call: int) -> int:
        """Tell how loud the peer is now, of 255; 0 before its sound began."""
        with self._call(call) as found:
            return loudness_of(found)

    def go_dark(self, call: int) -> None:
        """Close the camera and hide the peer."""
        with self._call(call) as found:
            show_picture(found, is_shown=False)
            self._picture.close(found)

    def restart_media(self, call: int) -> None:
        """Negotiate the streams anew inside the call (re-INVITE)."""
        parameters = call_parameters(0)
        parameters.opt.flag = pj.PJSUA_CALL_REINIT_MEDIA
        with self._call(call) as found:
            found.reinvite(parameters)

    def tap(self, call: int, pipe: Path) -> int:
        """Write what the peer says to a pipe; give the rate of its samples."""
        with self._call(call) as found:
            return self._tap.begin(found, pipe)

    def untap(self) -> None:
        """Write it no more."""
        self._tap.end()

    def _count_media(self) -> int:
        """Give the packets that came in all calls that are up."""
        came = 0
        for call in self._calls.values():
            try:
                seen = statistics_of(call)
            except pj.Error:
                continue
            came += seen.packets_received if seen is not None else 0
        return came

    def statistics(self, call: int) -> MediaStatistics | None:
        """Return what came in so far; None before the media began."""
        with self._call(call) as found:
            return statistics_of(found)
