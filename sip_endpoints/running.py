# SPDX-License-Identifier: AGPL-3.0-or-later
"""The loop of a running endpoint: telephone, service, control socket, watchdog."""

import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Any, Protocol

from sdnotify import SystemdNotifier

from sip_endpoints.call.phone import Phone, PhoneEvent, RegistrationState
from sip_endpoints.control import Outcome
from sip_endpoints.log import Log

log = Log(__name__)

# SIP wakes the loop by itself; this only bounds how late the control socket is read.
PUMP_SECONDS = 0.1
TICK_SECONDS = 0.5


class Service(Protocol):
    """What the loop needs of a kiosk or a counsellor."""

    def handle(self, event: PhoneEvent) -> None:
        """Act on what the telephone tells."""

    def tick(self) -> None:
        """Do what time asks for; called about twice a second."""

    def obey(self, order: str, argument: str) -> Outcome:
        """Carry out an order of its own from the control socket."""

    def status(self) -> dict[str, Any]:
        """Return its part of `status --json`."""


class Source(Protocol):
    """Where orders come from: the control socket, the keyboard."""

    def poll(self) -> None:
        """Carry out what came since the last round; never wait."""


class StopRequest:
    """Asked for by a signal, by the order `quit`, or by the user at the prompt."""

    def __init__(self) -> None:
        self.is_made = False

    def make(self, *_: object) -> None:
        """Ask the loop to end after the present round."""
        self.is_made = True

    def listen_to_signals(self) -> None:
        """Stop on SIGTERM and SIGINT; only the main thread may call it."""
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGINT, self._on_signal)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.is_made = True


class Watchdog:
    """Tells systemd that the loop turns, at half the interval that it asks for."""

    def __init__(self) -> None:
        self._notifier = SystemdNotifier()
        self._every_seconds = int(os.environ.get("WATCHDOG_USEC", "0")) / 2_000_000
        self._next_at = 0.0

    def tell_ready(self) -> None:
        """Tell that the endpoint is up; its registration goes on from here."""
        self._notifier.notify("READY=1")

    def tell_alive(self, now: float) -> None:
        """Tell that the loop turned once more."""
        if self._every_seconds and now >= self._next_at:
            self._notifier.notify("WATCHDOG=1")
            self._next_at = now + self._every_seconds

    def tell_stopping(self) -> None:
        """Tell that the end was asked for."""
        self._notifier.notify("STOPPING=1")


def run_loop(
    phone: Phone,
    service: Service,
    sources: Sequence[Source],
    stop: StopRequest,
    watchdog: Watchdog,
) -> bool:
    """Turn until asked to stop; return False when the telephone became unhealthy."""
    watchdog.tell_ready()
    next_tick = 0.0
    while not stop.is_made:
        for event in phone.pump(PUMP_SECONDS):
            service.handle(event)
        now = time.monotonic()
        if now >= next_tick:
            next_tick = now + TICK_SECONDS
            service.tick()
        for source in sources:
            source.poll()
        if not phone.is_healthy:
            log.error("the telephone is no longer healthy")
            return False
        watchdog.tell_alive(now)
    watchdog.tell_stopping()
    return True


@dataclass(frozen=True, slots=True)
class Orders:
    """The orders every endpoint knows; the others go to its service."""

    program: str
    phone: Phone
    service: Service
    stop: StopRequest

    def obey(self, order: str, argument: str) -> Outcome:
        """Carry out an order from the control socket."""
        if order == "status":
            return Outcome(result=self.status())
        if order == "quit":
            if argument == "idle" and self.service.status().get("call"):
                return Outcome(error="a call is up")
            self.stop.make()
            return Outcome(result={})
        return self.service.obey(order, argument)

    def status(self) -> dict[str, Any]:
        """Return what `status --json` prints."""
        registration = self.phone.registration
        return {
            "program": self.program,
            "registered": registration.state is RegistrationState.REGISTERED,
            "registration": {
                "state": registration.state.value,
                "since": registration.since.isoformat(),
                "code": registration.code,
                "reason": registration.reason,
            },
            "healthy": self.phone.is_healthy,
            **self.service.status(),
        }
