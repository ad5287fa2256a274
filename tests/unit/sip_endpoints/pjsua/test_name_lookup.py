# SPDX-License-Identifier: AGPL-3.0-or-later
"""A name is looked up beside the telephone, which is told of the answer once."""

import socket
import threading
from collections.abc import Iterator

import pytest

from sip_endpoints.pjsua.name_lookup import NameLookup
from stage.waiting import wait_for


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Have nobody answer for a name until the event is set, and then nobody know it."""
    answered = threading.Event()

    def ask(*_arguments: object, **_options: object) -> list[object]:
        answered.wait(10)
        raise socket.gaierror(socket.EAI_AGAIN, "no name server")

    monkeypatch.setattr(socket, "getaddrinfo", ask)
    yield answered
    answered.set()


def test_a_name_at_hand_is_known_at_once_and_told_once() -> None:
    lookup = NameLookup("127.0.0.1")
    lookup.begin()
    assert lookup.take_answer() is True
    assert lookup.take_answer() is None


def test_a_silent_name_server_holds_nobody_up(silent: threading.Event) -> None:
    lookup = NameLookup("guichet.example")
    lookup.begin()
    lookup.begin()
    assert lookup.take_answer() is None
    silent.set()
    answer = wait_for(
        lambda: None if (told := lookup.take_answer()) is None else [told],
        "the answer",
    )
    assert answer == [False]
