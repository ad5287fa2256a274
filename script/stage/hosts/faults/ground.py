# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a fault is given: the hosts, a call to disturb, and a place for what was seen."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sip_endpoints.control import ControlError
from stage.hosts.documented import Tell
from stage.hosts.host import Host, HostFailed
from stage.hosts.host_set import HostSet
from stage.hosts.told_call import begin_call
from stage.hosts.village import HostPhone, Village
from stage.story import COUNSELLOR, KIOSK
from stage.waiting import wait_for

Value = TypeVar("Value")
# What Asterisk waits for sound, and some more for who looks.
NOTICED_SECONDS = 90.0
PICTURE_SECONDS = 10.0
_LIVE_STATES = ("calling", "queued", "in_call")


class NotEndured(Exception):
    """In or after the fault something is not as it should be; the text says what."""


@dataclass
class Ground:
    """The set of hosts in which a fault happens; `seen` is what `--json` tells of it."""

    hosts: HostSet
    tell: Tell
    seen: dict[str, Any] = field(default_factory=dict)
    # An appointment whose call broke keeps its place until it was called again.
    interrupted: list[int] = field(default_factory=list)

    @property
    def server(self) -> Host:
        """Give the server's host."""
        return self.hosts.host("server")

    @property
    def kiosk(self) -> Host:
        """Give the kiosk's host."""
        return self.hosts.host("kiosk")

    @property
    def village(self) -> Village:
        """Give the hosts as a ground for the story."""
        return Village(self.hosts)

    @property
    def kiosk_phone(self) -> HostPhone:
        """Give the kiosk's telephone."""
        return self.village.kiosk(KIOSK)

    @property
    def counsellor_phone(self) -> HostPhone:
        """Give the counsellor's telephone."""
        return self.village.counsellor(COUNSELLOR)

    def begin_call(self) -> int:
        """Have a call between kiosk and counsellor; give its appointment."""
        appointment = begin_call(self.hosts)
        self.tell(f"appointment {appointment}: in call")
        return appointment

    def expect(self, is_so: object, otherwise: str) -> None:
        """Raise NotEndured with these words unless it is so."""
        if not is_so:
            raise NotEndured(otherwise)

    def expect_call(self, appointment: int) -> None:
        """Raise NotEndured unless this appointment's call is up at both ends."""
        for phone in (self.kiosk_phone, self.counsellor_phone):
            call = phone.call() or {}
            is_up = call.get("stage") == "confirmed"
            is_ours = str(call.get("appointment_id")) == str(appointment)
            self.expect(is_up and is_ours, f"{phone.slug} is not in the call: {call}")
        state = self.village.state_of(appointment)
        self.expect(state == "in_call", f"the appointment is {state}, not in_call")

    def expect_pictures(self) -> None:
        """Return once either end of the call has decoded a picture from now on."""
        for phone in (self.kiosk_phone, self.counsellor_phone):
            was = _frames(phone)
            self.wait(
                lambda: _frames(phone) > was,
                f"{phone.slug} sees a picture",
                PICTURE_SECONDS,
            )

    def wait_state_after(self, appointment: int) -> str:
        """Return once the appointment is shown as a call no longer; give its state."""
        village = self.village

        def state_after() -> str | None:
            try:
                state = village.state_of(appointment)
            except HostFailed:
                # The server is on its way up.
                return None
            return None if state in _LIVE_STATES else state

        state = wait_for(
            state_after,
            "the appointment is no call any more",
            NOTICED_SECONDS,
            0.5,
        )
        if state == "interrupted":
            self.interrupted.append(appointment)
        self.seen["state"] = state
        return state

    def end_call(self, appointment: int) -> None:
        """Have the counsellor hang up, and see the appointment done."""
        self.hang_up()
        state = self.wait_state_after(appointment)
        self.expect(state == "done", f"after the good-bye it is {state}, not done")

    def hang_up(self) -> None:
        """Have the counsellor hang up, where there is a call yet."""
        try:
            self.counsellor_phone.order("hangup")
        except ControlError:
            # There is no call any more.
            pass

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """Note as `what` how many seconds it took."""
        began = time.monotonic()
        yield
        self.seen[what] = round(time.monotonic() - began, 1)
        self.tell(f"{what}: {self.seen[what]} s")

    def wait(
        self,
        condition: Callable[[], Value | None],
        what: str,
        timeout_seconds: float,
        poll_seconds: float = 0.5,
    ) -> Value:
        """Wait as `wait_for` does; a host that does not answer yet is asked again."""

        def asked() -> Value | None:
            try:
                return condition()
            except (HostFailed, ControlError):
                return None

        return wait_for(asked, what, timeout_seconds, poll_seconds)


def _frames(phone: HostPhone) -> int:
    video = (phone.call() or {}).get("video") or {}
    return int(video.get("frames_decoded", 0))
