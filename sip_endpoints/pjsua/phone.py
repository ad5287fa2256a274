# SPDX-License-Identifier: AGPL-3.0-or-later
"""The adapter of the telephone port to pjsua2: one thread owns the whole stack.

With the other modules of this folder the only importer of pjsua2. Every method
must be called on the thread that called ``start``.
"""

import gc
import os
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pjsua2 as pj

from sip_endpoints.call.phone import (
    AudioStatistics,
    CallEnded,
    CallGoneError,
    MediaStatistics,
    PhoneEvent,
    PhoneStartError,
    PromptError,
    Registration,
    RegistrationChanged,
    RegistrationState,
    VideoStatistics,
)
from sip_endpoints.log import Log
from sip_endpoints.pjsua import setup as pjsua_setup
from sip_endpoints.pjsua.backoff import TIME_OUT, Backoff
from sip_endpoints.pjsua.callbacks import (
    CallbackFailed,
    CertificateOutOfTime,
    ConnectionLost,
    PjsuaAccount,
    PjsuaCall,
    PjsuaEndpoint,
    RegistrationAnswered,
)
from sip_endpoints.pjsua.clock import Validity
from sip_endpoints.pjsua.loudspeaker import Loudspeaker
from sip_endpoints.pjsua.name_lookup import NameLookup
from sip_endpoints.pjsua.own_address import OwnAddress
from sip_endpoints.settings import EndpointSettings

log = Log(__name__)

# Idle collections: a collection on any other thread would abort the process.
COLLECT_EVERY_SECONDS = 60.0
CLOSE_LIMIT_SECONDS = 2.0
# As the stack itself tells of it.
NAME_UNKNOWN = 502


class PjsuaPhone:
    """A telephone on pjsua2; see the ``Phone`` protocol for its methods."""

    def __init__(
        self,
        settings: EndpointSettings,
        *,
        windowed: bool,
        user_agent: str,
        sip_log: Path | None = None,
    ) -> None:
        self._settings = settings
        self._windowed = windowed
        self._user_agent = user_agent
        self._sip_log = sip_log
        self._events: deque[Any] = deque()
        self._calls: dict[int, PjsuaCall] = {}
        self._endpoint: PjsuaEndpoint | None = None
        self._account: PjsuaAccount | None = None
        self._loudspeaker = Loudspeaker()
        self._own_address = OwnAddress()
        self._backoff = Backoff()
        self._register_at: float | None = None
        self._name = NameLookup(settings.sip.server)
        # Until then the server keeps the registration that it granted last.
        self._registered_until = 0.0
        # What the certificate says of our clock; nothing while that is in order.
        self._clock_complaint = ""
        self._collect_at = 0.0
        self._registration = Registration(
            RegistrationState.UNREGISTERED, datetime.now(UTC)
        )
        self.is_healthy = True

    @property
    def registration(self) -> Registration:
        """Return where the telephone stands with its registrar."""
        return self._registration

    def start(self) -> None:
        """Open devices and transport; begin to register, for ever."""
        media = self._settings.media
        pjsua_setup.choose_display(media.display)
        gc.disable()
        self._endpoint = PjsuaEndpoint(self._events.append)
        try:
            self._start(self._endpoint)
        except pj.Error as error:
            self.close()
            raise PhoneStartError(f"the SIP stack refused: {error.reason}") from error
        except BaseException:
            self.close()
            raise
        gc.collect()
        # What lives until the end need not be looked at by each later collection.
        gc.freeze()
        self._own_address.listen()
        self._register_at = time.monotonic()

    def _start(self, endpoint: PjsuaEndpoint) -> None:
        sip, media = self._settings.sip, self._settings.media
        with _silenced_stdout():
            endpoint.libCreate()
        endpoint.libInit(pjsua_setup.endpoint_config(self._user_agent, self._sip_log))
        endpoint.transportCreate(pj.PJSIP_TRANSPORT_TLS, pjsua_setup.tls_config(sip))
        pjsua_setup.choose_codecs(endpoint, media)
        pjsua_setup.open_audio(endpoint, media.audio)
        camera = pjsua_setup.find_camera(endpoint, media.camera)
        renderer = pjsua_setup.find_renderer(endpoint, media.display)
        endpoint.libStart()
        self._account = PjsuaAccount(self._events.append, self._calls)
        self._account.create(
            pjsua_setup.account_config(sip, media, camera, renderer, self._windowed)
        )

    def pump(self, timeout_seconds: float) -> Sequence[PhoneEvent]:
        """Let the stack work; return at the first events or after the time-out."""
        if self._endpoint is None:
            raise PhoneStartError("the telephone was not started")
        now = time.monotonic()
        public = self._register_when_due(now)
        self._follow_own_address()
        self._loudspeaker.end_if_over(now)
        if now >= self._collect_at and not self._calls:
            self._collect()
        if not self._events:
            self._endpoint.libHandleEvents(int(timeout_seconds * 1000))
        return [*public, *self._drain()]

    def _drain(self) -> list[PhoneEvent]:
        public: list[PhoneEvent] = []
        while self._events:
            event = self._events.popleft()
            if isinstance(event, RegistrationAnswered):
                public += self._take_registration(event)
            elif isinstance(event, ConnectionLost):
                public += self._take_connection_lost(event)
            elif isinstance(event, CertificateOutOfTime):
                self._doubt_clock(event.validity)
            elif isinstance(event, CallbackFailed):
                self.is_healthy = False
            else:
                if isinstance(event, CallEnded):
                    # Dropped here, outside the callback and on the owner thread: ids
                    # are reused and a late collection hangs up a new call.
                    self._calls.pop(event.call, None)
                    self._collect_at = 0.0
                public.append(event)
        return public

    def _collect(self) -> None:
        gc.collect()
        self._collect_at = time.monotonic() + COLLECT_EVERY_SECONDS

    def close(self) -> None:
        """Hang up, unregister, release everything; may be called twice."""
        endpoint, self._endpoint = self._endpoint, None
        if endpoint is None:
            return
        self._register_at = None
        self._loudspeaker.end()
        self._own_address.close()
        deadline = time.monotonic() + CLOSE_LIMIT_SECONDS
        try:
            if self._account is not None:
                self._hang_up_all(endpoint, deadline)
                self._unregister(endpoint, deadline)
                self._account.shutdown()
        except pj.Error as error:
            log.warning("the telephone did not close cleanly", reason=error.reason)
        # Every Call and Account must be gone before libDestroy, else it asserts.
        self._calls.clear()
        self._account = None
        self._events.clear()
        gc.collect()
        endpoint.libDestroy()

    def _hang_up_all(self, endpoint: PjsuaEndpoint, deadline: float) -> None:
        if self._calls:
            endpoint.hangupAllCalls()
        while self._calls and time.monotonic() < deadline:
            endpoint.libHandleEvents(20)
            self._drain()

    def _unregister(self, endpoint: PjsuaEndpoint, deadline: float) -> None:
        if self._registration.state is not RegistrationState.REGISTERED:
            return
        self._account_or_fail().setRegistration(False)
        while time.monotonic() < deadline:
            endpoint.libHandleEvents(20)
            if any(isinstance(event, RegistrationAnswered) for event in self._events):
                return

    # Registration: our own attempts, so that no answer and no silence ends them.

    def _account_or_fail(self) -> PjsuaAccount:
        if self._account is None:
            raise PhoneStartError("the telephone was not started")
        return self._account

    def _register_when_due(self, now: float) -> list[PhoneEvent]:
        if self._register_at is not None and now >= self._register_at:
            self._register_at = None
            self._name.begin()
        is_known = self._name.take_answer()
        if is_known:
            self._register()
        elif is_known is not None:
            return self._take_name_unknown(now)
        return []

    def _register(self) -> None:
        try:
            self._account_or_fail().setRegistration(True)
        except pj.Error as error:
            # An unknown host name is told twice: by the callback, then by raising.
            if not any(isinstance(told, RegistrationAnswered) for told in self._events):
                self._events.append(RegistrationAnswered(0, error.reason, 0, ""))

    def _take_registration(self, answer: RegistrationAnswered) -> list[PhoneEvent]:
        if 200 <= answer.code < 300 and answer.expires_seconds > 0:
            self._backoff.reset()
            now, lasts = time.monotonic(), answer.expires_seconds
            self._registered_until = now + lasts
            self._register_at = now + min(pjsua_setup.REFRESH_SECONDS, lasts / 2)
            self._clock_complaint = ""
            self._own_address.remember(answer.server_address)
            return self._set_registration(
                RegistrationState.REGISTERED, answer, answer.server_address
            )
        delay = self._backoff.next_delay_seconds(answer.code)
        if answer.code == TIME_OUT and self._connect_anew():
            # That attempt is answered, or given up, before this one is due.
            delay = pjsua_setup.ATTEMPT_SECONDS
        self._register_at = time.monotonic() + delay
        log.warning(
            "registration failed",
            code=answer.code,
            reason=self._clock_complaint or answer.reason,
            again_in_seconds=round(delay, 1),
        )
        return self._set_registration(RegistrationState.UNREGISTERED, answer, None)

    def _take_name_unknown(self, now: float) -> list[PhoneEvent]:
        """Try again later; what stands over a connection that is up goes on meanwhile."""
        answer = RegistrationAnswered(
            NAME_UNKNOWN, "nobody answers for the server's name", 0, ""
        )
        delay = self._backoff.next_delay_seconds()
        self._register_at = now + delay
        log.warning(
            "registration failed",
            code=answer.code,
            reason=answer.reason,
            again_in_seconds=round(delay, 1),
        )
        if now < self._registered_until and self._registration.server_address:
            return []
        return self._set_registration(RegistrationState.UNREGISTERED, answer, None)

    def _connect_anew(self) -> bool:
        """Drop every connection and register over a new one; tell whether it began.

        A request without an answer says that the line is dead: whatever is sent after it
        over the same connection waits in the kernel, for a quarter of an hour.
        """
        if self._endpoint is None:
            return False
        change = pj.IpChangeParam()
        change.restartListener = False
        change.shutdownTransport = True
        try:
            self._endpoint.handleIpChange(change)
        except pj.Error as error:
            log.warning("no new connection could be begun", reason=error.reason)
            return False
        log.info("connection dropped, registering over a new one")
        return True

    def _follow_own_address(self) -> None:
        """Register at once from a new address, and tell a call's peer where we are now.

        Until the old connection is found dead, for seconds, nobody could call us, and the end
        of a call would not be heard.
        """
        server = self._registration.server_address
        if server and self._own_address.has_changed(server) and self._connect_anew():
            self._register_at = time.monotonic() + pjsua_setup.ATTEMPT_SECONDS

    def _doubt_clock(self, validity: Validity) -> None:
        known, now = self._clock_complaint, datetime.now(UTC)
        self._clock_complaint = validity.complaint(now)
        if self._clock_complaint and not known:
            log.error("the clock may be wrong", detail=self._clock_complaint)

    def _take_connection_lost(self, lost: ConnectionLost) -> list[PhoneEvent]:
        known = self._registration.server_address
        if self._registration.state is not RegistrationState.REGISTERED:
            return []
        if lost.remote_address and lost.remote_address != known:
            return []
        self._register_at = time.monotonic() + self._backoff.next_delay_seconds()
        answer = RegistrationAnswered(0, "connection lost", 0, "")
        return self._set_registration(RegistrationState.UNREGISTERED, answer, None)

    def _set_registration(
        self, state: RegistrationState, answer: RegistrationAnswered, server: str | None
    ) -> list[PhoneEvent]:
        before = self._registration
        same = before.state is state
        self._registration = Registration(
            state,
            before.since if same else datetime.now(UTC),
            answer.code,
            self._clock_complaint or answer.reason,
            server,
        )
        return [] if same else [RegistrationChanged(self._registration)]

    # Orders to one call.

    @contextmanager
    def _call(self, call: int) -> Iterator[PjsuaCall]:
        if call not in self._calls:
            raise CallGoneError(f"call {call} is over")
        try:
            yield self._calls[call]
        except pj.Error as error:
            raise CallGoneError(f"call {call}: {error.reason}") from error

    def ring(self, call: int) -> None:
        """Tell the caller that it rings here."""
        with self._call(call) as found:
            found.answer(_parameters(180))

    def answer(self, call: int) -> None:
        """Accept the call with sound and picture."""
        with self._call(call) as found:
            found.answer(_parameters(200))

    def hang_up(self, call: int, code: int = 0, cause: int = 0) -> None:
        """End the call, or refuse it with this SIP status while it rings."""
        parameters = _parameters(code)
        if cause:
            reason = pj.SipHeader()
            reason.hName, reason.hValue = "Reason", f"Q.850;cause={cause}"
            parameters.txOption.headers.append(reason)
        with self._call(call) as found:
            found.hangup(parameters)

    def dial(self, user: str, *, with_picture: bool = True) -> int:
        """Call a user of our own registrar; return the new call's number."""
        sip = self._settings.sip
        call = PjsuaCall(self._account_or_fail(), self._events.append)
        parameters = _parameters(0)
        parameters.opt.videoCount = int(with_picture)
        try:
            call.makeCall(
                f"sip:{user}@{sip.server}:{sip.port};transport=tls", parameters
            )
        except pj.Error as error:
            raise CallGoneError(f"cannot call {user}: {error.reason}") from error
        self._calls[call.getId()] = call
        return int(call.getId())

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

    def restart_media(self, call: int) -> None:
        """Negotiate the streams anew inside the call (re-INVITE)."""
        parameters = _parameters(0)
        parameters.opt.flag = pj.PJSUA_CALL_REINIT_MEDIA
        with self._call(call) as found:
            found.reinvite(parameters)

    def play(self, file: Path) -> None:
        """Play a recording on our own loudspeaker, instead of one under way."""
        if self._endpoint is None:
            raise PromptError("the telephone was not started")
        self._loudspeaker.play(self._endpoint, file)

    def statistics(self, call: int) -> MediaStatistics | None:
        """Return what came in so far; None before the media began."""
        with self._call(call) as found:
            # Kept in a variable: the media vector belongs to the info object.
            info = found.getInfo()
            audio: AudioStatistics | None = None
            video: VideoStatistics | None = None
            for media in info.media:
                if media.status != pj.PJSUA_CALL_MEDIA_ACTIVE:
                    continue
                if media.type == pj.PJMEDIA_TYPE_AUDIO and audio is None:
                    audio = _audio(found, media.index)
                elif media.type == pj.PJMEDIA_TYPE_VIDEO and video is None:
                    video = _video(found, media.index)
            return MediaStatistics(audio, video) if audio or video else None


@contextmanager
def _silenced_stdout() -> Iterator[None]:
    """Keep the stack from printing before its own log settings are in force."""
    sys.stdout.flush()
    kept, sink = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(sink)


def _parameters(code: int) -> pj.CallOpParam:
    parameters = pj.CallOpParam(True)
    parameters.statusCode = code
    parameters.opt.audioCount = 1
    parameters.opt.videoCount = 1
    parameters.opt.textCount = 0
    # Never by INFO: Asterisk does not answer it, and the call dies after 32 s.
    parameters.opt.reqKeyframeMethod = pj.PJSUA_VID_REQ_KEYFRAME_RTCP_PLI
    return parameters


def _audio(call: PjsuaCall, index: int) -> AudioStatistics:
    received = call.getStreamStat(index).rtcp.rxStat
    codec = call.getStreamInfo(index).codecName
    return AudioStatistics(codec, int(received.pkt), int(received.loss))


def _video(call: PjsuaCall, index: int) -> VideoStatistics:
    statistics = call.getStreamStat(index)
    received = statistics.rtcp.rxStat
    return VideoStatistics(
        codec=call.getStreamInfo(index).codecName,
        width=int(statistics.vidDecWidth),
        height=int(statistics.vidDecHeight),
        packets_received=int(received.pkt),
        packets_lost=int(received.loss),
        frames_decoded=int(statistics.vidDecFrames),
    )
