# SPDX-License-Identifier: AGPL-3.0-or-later
"""The tests' manager connection wakes Asterisk while it waits, and loses nothing."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from stage import ami
from stage.ami import BareAmi
from stage.waiting import NotInTime

PONG = b"Response: Success\r\nActionID: ping\r\nPing: Pong\r\n\r\n"
HANGUP = b"Event: Hangup\r\nUniqueid: gv-1-1\r\n\r\n"


class SleepyAsterisk:
    """Tells an event only when somebody pings, as with asterisk#2145."""

    def __init__(self, told: list[bytes]) -> None:
        self._told = told
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End it."""
        self._listening.close()
        self._thread.join(10)

    def _serve(self) -> None:
        connection, _ = self._listening.accept()
        # Whoever has what they waited for leaves in the middle.
        with suppress(OSError), connection, connection.makefile("rb") as lines:
            connection.sendall(b"Asterisk Call Manager/11.0.0\r\n")
            for line in lines:
                if line == b"Action: Login\r\n":
                    connection.sendall(b"Response: Success\r\n\r\n")
                elif line == b"Action: Ping\r\n":
                    connection.sendall(self._told.pop(0) if self._told else PONG)


@pytest.fixture(autouse=True)
def pings_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ami, "PING_SECONDS", 0.02)


@pytest.fixture
def connected(request: pytest.FixtureRequest) -> Iterator[BareAmi]:
    asterisk = SleepyAsterisk(list(request.param))
    with BareAmi(asterisk.port, "tests", "unused") as connection:
        yield connection
    asterisk.close()


@pytest.mark.parametrize("connected", [[HANGUP]], indirect=True)
def test_whoever_waits_pings_and_is_told(connected: BareAmi) -> None:
    assert connected.wait_event("Hangup", 5) == {
        "Event": "Hangup",
        "Uniqueid": "gv-1-1",
    }


@pytest.mark.parametrize("connected", [[HANGUP[:9], HANGUP[9:]]], indirect=True)
def test_a_message_that_comes_in_pieces_is_one(connected: BareAmi) -> None:
    assert connected.wait_event("Hangup", 5)["Uniqueid"] == "gv-1-1"


@pytest.mark.parametrize("connected", [[HANGUP]], indirect=True)
def test_what_never_comes_is_told_with_what_was_heard(connected: BareAmi) -> None:
    with pytest.raises(NotInTime, match="event Newchannel.*heard Hangup"):
        connected.wait_event("Newchannel", 0.5)
