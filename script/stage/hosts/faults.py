# SPDX-License-Identifier: AGPL-3.0-or-later
"""Faults of real machines in a call, across the hosts, and the state that they leave.

After each the appointment is no longer shown as a call, nobody has to start anything at the
kiosk or at the server, and the whole story can be lived again.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from sip_endpoints.control import ControlError
from stage.hosts.documented import Tell
from stage.hosts.host import HostFailed
from stage.hosts.host_set import HostSet
from stage.hosts.installing import await_telephones, sit_down
from stage.hosts.told_call import begin_call, call_again
from stage.hosts.told_story import tell_story
from stage.hosts.village import Village
from stage.story import COUNSELLOR, KIOSK
from stage.waiting import wait_for

CUT_SECONDS = 60.0
# What Asterisk waits for sound, and some more for who looks.
NOTICED_SECONDS = 90.0
KIOSK_NOTICES_SECONDS = 30.0


class NotEndured(Exception):
    """After the fault something is not as it should be; the text says what."""


@dataclass(frozen=True)
class Endured:
    """What was seen: the appointment's state after, and how long each thing took."""

    fault: str
    state: str
    noticed_seconds: float
    ready_seconds: float


def plug_of_kiosk(hosts: HostSet) -> None:
    """The kiosk's plug is pulled in a call and put back at once."""
    hosts.host("kiosk").pull_plug()
    hosts.host("kiosk").boot()


def plug_of_counsellor(hosts: HostSet) -> None:
    """The counsellor's PC loses its current; the person starts the telephone again."""
    hosts.host("counsellor").pull_plug()
    hosts.host("counsellor").boot()
    sit_down(hosts.host("counsellor"))


def plug_of_server(hosts: HostSet) -> None:
    """The server's plug is pulled: the kiosk hangs up by itself."""
    kiosk = Village(hosts).kiosk(KIOSK)
    hosts.host("server").pull_plug()
    wait_for(
        lambda: kiosk.call() is None,
        "the kiosk hangs up by itself",
        KIOSK_NOTICES_SECONDS,
        0.2,
    )
    hosts.host("server").boot()


def address_of_kiosk(hosts: HostSet) -> None:
    """The kiosk gets another address, as a router gives one at night."""
    hosts.move("kiosk", hosts.number("kiosk") + 1)


def line_of_kiosk(hosts: HostSet) -> None:
    """The kiosk's line is cut for a minute, and nobody is told."""
    hosts.network.cut("kiosk")
    time.sleep(CUT_SECONDS)
    hosts.network.mend("kiosk")


FAULTS: dict[str, Callable[[HostSet], None]] = {
    "plug-kiosk": plug_of_kiosk,
    "plug-counsellor": plug_of_counsellor,
    "plug-server": plug_of_server,
    "address-kiosk": address_of_kiosk,
    "line-kiosk": line_of_kiosk,
}


def endure(hosts: HostSet, name: str, tell: Tell) -> Endured:
    """Have the fault in a call and see all well after it; raises NotEndured."""
    appointment = begin_call(hosts)
    tell(f"{name}: in call")
    happened_at = time.monotonic()
    FAULTS[name](hosts)
    village = Village(hosts)
    if name == "address-kiosk":
        # A call may live through it; then people end it.
        _hang_up(village)
    state = wait_for(
        lambda: _state_after(village, appointment),
        "the appointment is no call any more",
        NOTICED_SECONDS,
        0.5,
    )
    noticed = time.monotonic() - happened_at
    await_telephones(hosts)
    ready = time.monotonic() - happened_at
    tell(f"{name}: {state} after {noticed:.1f} s, all back after {ready:.1f} s")
    if state == "interrupted":
        # It keeps its place until it was called again.
        call_again(hosts, appointment)
    problem = tell_story(hosts)["problem"]
    if problem:
        raise NotEndured(f"{name}: the story after it: {problem}")
    return Endured(name, state, round(noticed, 1), round(ready, 1))


def _state_after(village: Village, appointment: int) -> str | None:
    try:
        state = village.state_of(appointment)
    except HostFailed:
        # The server is on its way up.
        return None
    return state if state not in ("calling", "queued", "in_call") else None


def _hang_up(village: Village) -> None:
    try:
        village.counsellor(COUNSELLOR).order("hangup")
    except ControlError:
        # There is no call any more.
        pass
