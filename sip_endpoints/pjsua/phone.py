# SPDX-License-Identifier: AGPL-3.0-or-later
"""The adapter of the telephone port to pjsua2: one thread owns the whole stack.

With the other modules of this folder the only importer of pjsua2. Every method
must be called on the thread that called ``start``.
"""

import gc
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pjsua2 as pj

from sip_endpoints.call.known_line import KnownLine
from sip_endpoints.call.phone import (
    CallEnded,
    CallGoneError,
    MediaAgreed,
    PhoneEvent,
    PhoneStartError,
    PromptError,
    Registration,
)
from sip_endpoints.log import Log
from sip_endpoints.pjsua import setup as pjsua_setup
from sip_endpoints.pjsua.call_orders import CallOrders
from sip_endpoints.pjsua.call_parameters import call_parameters
from sip_endpoints.pjsua.callbacks import (
    CallbackFailed,
    CertificateOutOfTime,
    ConnectionLost,
    PjsuaAccount,
    PjsuaCall,
    PjsuaEndpoint,
    RegistrationAnswered,
)
from sip_endpoints.pjsua.camera_files import holds_camera
from sip_endpoints.pjsua.camera_size import picture_of_camera
from sip_endpoints.pjsua.kept_sound import KeptSound
from sip_endpoints.pjsua.loudspeaker import Loudspeaker
from sip_endpoints.pjsua.quiet_start import silenced_stdout
from sip_endpoints.pjsua.registering import Registering
from sip_endpoints.pjsua.sent_picture import Cameras, SentPicture
from sip_endpoints.pjsua.silence import Silence
from sip_endpoints.settings import EndpointSettings

log = Log(__name__)

# Idle collections: a collection on any other thread would abort the process.
COLLECT_EVERY_SECONDS = 60.0
CLOSE_LIMIT_SECONDS = 2.0


class PjsuaPhone(CallOrders):
    """A telephone on pjsua2; see the ``Phone`` protocol for its methods."""

    def __init__(
        self,
        settings: EndpointSettings,
        *,
        windowed: bool,
        user_agent: str,
        sip_log: Path | None = None,
        starts_dark: bool = False,
    ) -> None:
        """Take the settings; a call that starts dark has camera and window closed at first."""
        super().__init__(SentPicture(camera_waits=starts_dark))
        self._settings = settings
        self._windowed = windowed
        self._starts_dark = starts_dark
        self._user_agent = user_agent
        self._sip_log = sip_log
        self._events: deque[Any] = deque()
        self._endpoint: PjsuaEndpoint | None = None
        self._account: PjsuaAccount | None = None
        self._loudspeaker = Loudspeaker()
        self._silence = Silence()
        self._sound = KeptSound(self._calls)
        self._camera = -1
        self._registering = Registering(
            settings.sip.server, self._events, self._count_media
        )
        self._collect_at = 0.0
        self.is_healthy = True

    @property
    def registration(self) -> Registration:
        """Return where the telephone stands with its registrar."""
        return self._registering.registration

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
        self._registering.begin(self._endpoint, self._account_or_fail())

    def _start(self, endpoint: PjsuaEndpoint) -> None:
        sip, media = self._settings.sip, self._settings.media
        with silenced_stdout():
            endpoint.libCreate()
        endpoint.libInit(pjsua_setup.endpoint_config(self._user_agent, self._sip_log))
        endpoint.transportCreate(pj.PJSIP_TRANSPORT_TLS, pjsua_setup.tls_config(sip))
        pjsua_setup.open_audio(endpoint, media.audio)
        self._sound.begin(media.audio)
        self._camera = pjsua_setup.find_camera(endpoint, media.camera)
        sizes = pjsua_setup.sizes_of(endpoint, self._camera)
        full = picture_of_camera(media.picture, sizes)
        pjsua_setup.choose_codecs(endpoint, KnownLine.of_settings(media).fitting(full))
        stand_in = pjsua_setup.find_stand_in(endpoint, self._camera)
        self._picture.take_cameras(Cameras(self._camera, stand_in))
        devices = pjsua_setup.PictureDevices(
            stand_in if self._starts_dark else self._camera,
            pjsua_setup.find_renderer(endpoint, media.display),
            self._windowed,
            self._starts_dark,
        )
        endpoint.libStart()
        self._account = PjsuaAccount(self._events.append, self._calls)
        self._account.create(pjsua_setup.account_config(sip, media, devices))

    def pump(self, timeout_seconds: float) -> Sequence[PhoneEvent]:
        """Let the stack work; return at the first events or after the time-out."""
        endpoint = self._endpoint_or_fail()
        now = time.monotonic()
        public = self._registering.tend(now)
        self._loudspeaker.end_if_over(now)
        if now >= self._collect_at and not self._calls:
            self._collect()
        if not self._events:
            endpoint.libHandleEvents(int(timeout_seconds * 1000))
        # Last: a call that just came opens the sound when it is answered.
        self._sound.tend(time.monotonic())
        return [*public, *self._drain()]

    def _drain(self) -> list[PhoneEvent]:
        public: list[PhoneEvent] = []
        while self._events:
            event = self._events.popleft()
            if isinstance(event, RegistrationAnswered):
                public += self._registering.take_answer(event)
            elif isinstance(event, ConnectionLost):
                public += self._registering.take_connection_lost(event)
            elif isinstance(event, CertificateOutOfTime):
                self._registering.take_certificate(event.validity)
            elif isinstance(event, CallbackFailed):
                self.is_healthy = False
            else:
                if isinstance(event, CallEnded):
                    # Dropped here, outside the callback and on the owner thread: ids
                    # are reused and a late collection hangs up a new call.
                    self._calls.pop(event.call, None)
                    self._part(event.call)
                    self._picture.forget(event.call)
                    self._collect_at = 0.0
                elif isinstance(event, MediaAgreed):
                    self._go_on(event.call)
                public.append(event)
        return public

    def _go_on(self, call: int) -> None:
        """Join and send as before: streams that were agreed on anew know nothing of it."""
        try:
            self._join_calls()
            found = self._calls.get(call)
            if found is not None:
                self._picture.begin_anew(found)
                if found.is_silent:
                    self._silence.join(found)
        except pj.Error as error:
            log.info("a call is about to end", reason=error.reason)

    def _collect(self) -> None:
        gc.collect()
        self._collect_at = time.monotonic() + COLLECT_EVERY_SECONDS

    def close(self) -> None:
        """Hang up, unregister, release everything; may be called twice."""
        endpoint, self._endpoint = self._endpoint, None
        if endpoint is None:
            return
        self._registering.stop()
        self._sound.end()
        self._loudspeaker.end()
        self._tap.end()
        deadline = time.monotonic() + CLOSE_LIMIT_SECONDS
        try:
            if self._account is not None:
                self._hang_up_all(endpoint, deadline)
                self._registering.leave(endpoint, self._account, deadline)
                self._account.shutdown()
        except pj.Error as error:
            log.warning("the telephone did not close cleanly", reason=error.reason)
        # Every Call and Account must be gone before libDestroy, else it asserts.
        self._loudspeaker.close()
        self._silence.close()
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

    def _endpoint_or_fail(self) -> PjsuaEndpoint:
        if self._endpoint is None:
            raise PhoneStartError("the telephone was not started")
        return self._endpoint

    def _account_or_fail(self) -> PjsuaAccount:
        if self._account is None:
            raise PhoneStartError("the telephone was not started")
        return self._account

    def dial(
        self, user: str, *, with_picture: bool = True, is_apart: bool = False
    ) -> int:
        """Call a user of our own registrar; return the new call's number."""
        sip = self._settings.sip
        call = PjsuaCall(self._account_or_fail(), self._events.append)
        call.is_apart = call.is_silent = is_apart
        parameters = call_parameters(0)
        parameters.opt.videoCount = int(with_picture)
        try:
            call.makeCall(
                f"sip:{user}@{sip.server}:{sip.port};transport=tls", parameters
            )
        except pj.Error as error:
            raise CallGoneError(f"cannot call {user}: {error.reason}") from error
        self._calls[call.getId()] = call
        return int(call.getId())

    @property
    def is_camera_open(self) -> bool:
        """Say whether the camera is open, for whatever reason."""
        if self._endpoint is None or self._camera < 0:
            return False
        devices = self._endpoint.vidDevManager()
        return bool(devices.isCaptureActive(self._camera)) or holds_camera()

    def play(self, file: Path) -> None:
        """Play a recording on our own loudspeaker, instead of one under way."""
        if self._endpoint is None:
            raise PromptError("the telephone was not started")
        self._loudspeaker.play(self._endpoint, file)
