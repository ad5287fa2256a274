# SPDX-License-Identifier: AGPL-3.0-or-later
"""Part of the pjsua2 adapter: the telephone's standing with its registrar.

The attempts are our own, so that no answer and no silence ends them. Belongs to the stack's
one thread.
"""

import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pjsua2 as pj

from sip_endpoints.call.phone import (
    PhoneEvent,
    Registration,
    RegistrationChanged,
    RegistrationState,
)
from sip_endpoints.log import Log
from sip_endpoints.pjsua.backoff import TIME_OUT, Backoff
from sip_endpoints.pjsua.callbacks import (
    ConnectionLost,
    PjsuaAccount,
    PjsuaEndpoint,
    RegistrationAnswered,
)
from sip_endpoints.pjsua.clock import Validity
from sip_endpoints.pjsua.name_lookup import NameLookup
from sip_endpoints.pjsua.own_address import OwnAddress
from sip_endpoints.pjsua.setup import ATTEMPT_SECONDS, REFRESH_SECONDS

log = Log(__name__)

# As the stack itself tells of it.
NAME_UNKNOWN = 502
# PJSIP_EBUSY, which pjsua2 leaves out: an attempt has not been answered yet.
UNDER_WAY = 171001


class Registering:
    """Registers for ever, and knows how it stands; `events` is the telephone's own queue."""

    def __init__(
        self, server: str, events: deque[Any], count_media: Callable[[], int]
    ) -> None:
        """Take what gives the packets of media that came so far."""
        self._events = events
        self._count_media = count_media
        # As many had come when the answer began to be waited for.
        self._media_before = 0
        self._endpoint: PjsuaEndpoint | None = None
        self._account: PjsuaAccount | None = None
        self._own_address = OwnAddress()
        self._backoff = Backoff()
        self._register_at: float | None = None
        self._name = NameLookup(server)
        # Until then the server keeps the registration that it granted last.
        self._registered_until = 0.0
        # What the certificate says of our clock; nothing while that is in order.
        self._clock_complaint = ""
        self._registration = Registration(
            RegistrationState.UNREGISTERED, datetime.now(UTC)
        )

    @property
    def registration(self) -> Registration:
        """Return where the telephone stands with its registrar."""
        return self._registration

    def begin(self, endpoint: PjsuaEndpoint, account: PjsuaAccount) -> None:
        """Register this account from the next `tend` on."""
        self._endpoint, self._account = endpoint, account
        self._own_address.listen()
        self._register_at = time.monotonic()

    def tend(self, now: float) -> list[PhoneEvent]:
        """Do what is due; tell what came of it at once."""
        public = self._register_when_due(now)
        self._follow_own_address()
        return public

    def stop(self) -> None:
        """Begin no attempt any more, and let go of the account; may be called twice."""
        self._endpoint = self._account = None
        self._register_at = None
        self._own_address.close()

    def leave(
        self, endpoint: PjsuaEndpoint, account: PjsuaAccount, deadline: float
    ) -> None:
        """Tell the registrar that we go; wait for its answer until the deadline."""
        if self._registration.state is not RegistrationState.REGISTERED:
            return
        account.setRegistration(False)
        while time.monotonic() < deadline:
            endpoint.libHandleEvents(20)
            if self._is_answered():
                return

    def _is_answered(self) -> bool:
        return any(isinstance(told, RegistrationAnswered) for told in self._events)

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
        if self._account is None:
            return
        self._media_before = self._count_media()
        try:
            self._account.setRegistration(True)
        except pj.Error as error:
            if error.status == UNDER_WAY:
                # A new connection asks by itself: that is answered, or given up, before then.
                self._register_at = time.monotonic() + ATTEMPT_SECONDS
            # An unknown host name is told twice: by the callback, then by raising.
            elif not self._is_answered():
                self._events.append(RegistrationAnswered(0, error.reason, 0, ""))

    def take_answer(self, answer: RegistrationAnswered) -> list[PhoneEvent]:
        """Heed what the registrar said: choose when to ask again."""
        if 200 <= answer.code < 300 and answer.expires_seconds > 0:
            self._backoff.reset()
            now, lasts = time.monotonic(), answer.expires_seconds
            self._registered_until = now + lasts
            self._register_at = now + min(REFRESH_SECONDS, lasts / 2)
            self._clock_complaint = ""
            self._own_address.remember(answer.server_address)
            return self._set_registration(
                RegistrationState.REGISTERED, answer, answer.server_address
            )
        delay = self._backoff.next_delay_seconds(answer.code)
        if answer.code == TIME_OUT and self._is_line_alive():
            # It is full, and the answer waits somewhere: a new connection would wait longer.
            self._register_at = time.monotonic() + ATTEMPT_SECONDS
            self._log_failure(answer, ATTEMPT_SECONDS)
            return []
        if answer.code == TIME_OUT and self._connect_anew():
            # That attempt is answered, or given up, before this one is due.
            delay = ATTEMPT_SECONDS
        self._register_at = time.monotonic() + delay
        self._log_failure(answer, delay)
        return self._set_registration(RegistrationState.UNREGISTERED, answer, None)

    def _take_name_unknown(self, now: float) -> list[PhoneEvent]:
        """Try again later; what stands over a connection that is up goes on meanwhile."""
        answer = RegistrationAnswered(
            NAME_UNKNOWN, "nobody answers for the server's name", 0, ""
        )
        delay = self._backoff.next_delay_seconds()
        self._register_at = now + delay
        self._log_failure(answer, delay)
        if now < self._registered_until and self._registration.server_address:
            return []
        return self._set_registration(RegistrationState.UNREGISTERED, answer, None)

    def _log_failure(self, answer: RegistrationAnswered, delay_seconds: float) -> None:
        log.warning(
            "registration failed",
            code=answer.code,
            reason=self._clock_complaint or answer.reason,
            again_in_seconds=round(delay_seconds, 1),
        )

    def _is_line_alive(self) -> bool:
        """Tell whether a call's media came meanwhile, and the registrar still knows us."""
        is_known = time.monotonic() < self._registered_until
        is_registered = self._registration.state is RegistrationState.REGISTERED
        return is_known and is_registered and self._count_media() != self._media_before

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
            self._register_at = time.monotonic() + ATTEMPT_SECONDS

    def take_certificate(self, validity: Validity) -> None:
        """Doubt this machine's clock: the server's certificate is not valid by it."""
        known, now = self._clock_complaint, datetime.now(UTC)
        self._clock_complaint = validity.complaint(now)
        if self._clock_complaint and not known:
            log.error("the clock may be wrong", detail=self._clock_complaint)

    def take_connection_lost(self, lost: ConnectionLost) -> list[PhoneEvent]:
        """Register again soon, if it was the connection to the registrar."""
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
