# SPDX-License-Identifier: AGPL-3.0-or-later
"""The order by which a telephone ends: at once, or only where nobody talks."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sip_endpoints.control import ControlServer
from sip_endpoints.machine.checks.self_test import let_phone_end
from sip_endpoints.machine.system.places import Places
from sip_endpoints.running import Orders, StopRequest
from tests.unit.sip_endpoints.fake_phone import FakePhone


class Service:
    """What a telephone does, reduced to whether it is in a call."""

    def __init__(self, call: dict[str, Any] | None) -> None:
        self._call = call

    def status(self) -> dict[str, Any]:
        return {"call": self._call}


@contextmanager
def running(places: Places, call: dict[str, Any] | None) -> Iterator[StopRequest]:
    """Have a telephone's loop obey at its socket until the block ends."""
    stop, ended = StopRequest(), threading.Event()
    orders = Orders("guichet-kiosk", FakePhone(), Service(call), stop)
    places.phone_socket.parent.mkdir(parents=True)
    control = ControlServer(places.phone_socket, orders.obey)

    def poll() -> None:
        while not ended.wait(0.005):
            control.poll()

    thread = threading.Thread(target=poll)
    thread.start()
    try:
        yield stop
    finally:
        ended.set()
        thread.join()
        control.close()


@pytest.mark.parametrize("call", [None, {"appointment": "12"}])
def test_a_telephone_ends_for_its_machine_only_where_nobody_talks(
    tmp_path: Path, call: dict[str, Any] | None
) -> None:
    places = Places(tmp_path)
    with running(places, call) as stop:
        assert let_phone_end(places) is (call is None)
        assert stop.is_made is (call is None)


def test_a_telephone_that_does_not_run_has_ended(tmp_path: Path) -> None:
    assert let_phone_end(Places(tmp_path)) is True


def test_whoever_says_no_more_than_quit_ends_a_call_too() -> None:
    stop = StopRequest()
    orders = Orders("guichet-kiosk", FakePhone(), Service({"appointment": "12"}), stop)
    assert orders.obey("quit", "").result == {}
    assert stop.is_made
