# SPDX-License-Identifier: AGPL-3.0-or-later
"""PipeWire is looked at without waiting; one that does not answer is ended."""

import json
import signal
from pathlib import Path

import pytest

from sip_endpoints.machine.devices.found import Found, Kind
from sip_endpoints.machine.session.sound_look import (
    HUNG_SECONDS,
    SOCKET,
    SoundLook,
)
from stage.waiting import wait_for
from tests.unit.sip_endpoints.conftest import Clock
from tests.unit.sip_endpoints.machine.conftest import HungServer

CARD = {"media.class": "Audio/Sink", "node.name": "loud"}
LISTED = json.dumps([{"info": {"props": CARD}}])
HANGS = ("sleep", "60")


def look_until(look: SoundLook, wanted: list[Found]) -> None:
    wait_for(lambda: look() == wanted, f"{wanted} is found", poll_seconds=0.05)


def test_what_is_listed_is_found_once_it_has_come(tmp_path: Path) -> None:
    look = SoundLook(tmp_path, ("echo", LISTED))
    assert look() is None
    look_until(look, [Found(Kind.LOUDSPEAKER, "loud", "loud")])
    look.close()


@pytest.mark.parametrize(
    "ask", [("false",), ("echo", "not JSON"), ("no-such-program",)], ids=" ".join
)
def test_without_an_answer_nothing_is_there(
    tmp_path: Path, ask: tuple[str, ...]
) -> None:
    look = SoundLook(tmp_path, ask)
    look_until(look, [])
    look.close()


def test_a_server_that_does_not_answer_is_ended(
    tmp_path: Path, hung_server: HungServer, clock: Clock
) -> None:
    server = hung_server(tmp_path / SOCKET)
    look = SoundLook(tmp_path, HANGS, clock=clock)
    assert look() is None
    clock.now += HUNG_SECONDS - 1
    assert look() is None
    assert server.poll() is None
    clock.now += 1
    assert look() == []
    assert server.wait(20) == -signal.SIGKILL
    look.close()
