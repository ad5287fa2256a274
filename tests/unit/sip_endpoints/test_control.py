# SPDX-License-Identifier: AGPL-3.0-or-later
"""The control socket, with real sockets: answers now, later, never."""

import socket
import stat
import threading
from contextlib import contextmanager

import pytest

from sip_endpoints.control import ControlError, ControlServer, Outcome, send_order
from stage.waiting import wait_for


@pytest.fixture
def path(tmp_path):
    return tmp_path / "endpoint.sock"


@contextmanager
def serving(path, obey):
    """Poll a server as the endpoint's loop does, until the block ends."""
    server = ControlServer(path, obey)
    ended = threading.Event()

    def poll():
        while not ended.wait(0.005):
            server.poll()

    thread = threading.Thread(target=poll)
    thread.start()
    try:
        yield server
    finally:
        ended.set()
        thread.join()
        server.close()


def test_an_order_is_answered(path):
    asked = []

    def obey(order, argument):
        asked.append((order, argument))
        return Outcome(result={"registered": True})

    with serving(path, obey):
        assert send_order(path, "status", "x") == {"registered": True}
    assert asked == [("status", "x")]


def test_a_refused_order_raises_its_words(path):
    with serving(path, lambda order, argument: Outcome(error="Aucun appel.")):
        with pytest.raises(ControlError, match=r"Aucun appel\."):
            send_order(path, "hangup")


def test_an_order_may_be_answered_later_and_others_meanwhile(path):
    late = Outcome()

    def obey(order, argument):
        return late if order == "call" else Outcome(result={"order": order})

    with serving(path, obey):
        answers = []
        caller = threading.Thread(
            target=lambda: answers.append(send_order(path, "call"))
        )
        caller.start()
        assert send_order(path, "status") == {"order": "status"}
        assert answers == []
        late.succeed(answered=True)
        caller.join()
    assert answers == [{"answered": True}]


def test_only_the_owner_may_open_the_socket(path):
    with serving(path, lambda order, argument: Outcome(result={})):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not path.exists()


def test_a_second_endpoint_on_the_same_socket_is_refused(path):
    with serving(path, lambda order, argument: Outcome(result={})):
        with pytest.raises(ControlError, match="another endpoint is running"):
            ControlServer(path, lambda order, argument: Outcome(result={}))


def test_the_socket_of_a_killed_endpoint_is_taken_over(path):
    dead = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    dead.bind(str(path))
    dead.close()
    with serving(path, lambda order, argument: Outcome(result={"ok": 1})):
        assert send_order(path, "status") == {"ok": 1}


def test_no_endpoint_is_a_clear_error(path):
    with pytest.raises(ControlError, match="no endpoint is running on"):
        send_order(path, "status")


@pytest.mark.parametrize(
    "line",
    [
        b"nonsense\n",
        b"[]\n",
        b'{"order": 1}\n',
        b'{"order": "x", "argument": 2}\n',
        b"[" * 4000 + b"\n",
    ],
)
def test_what_is_no_order_is_refused_and_the_server_lives_on(path, line):
    with serving(path, lambda order, argument: Outcome(result={"ok": 1})):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.connect(str(path))
            client.sendall(line)
            client.settimeout(5)
            assert b"not an order" in client.recv(1000)
        assert send_order(path, "status") == {"ok": 1}


def test_an_endless_line_is_cut_off(path):
    with serving(path, lambda order, argument: Outcome(result={"ok": 1})):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.connect(str(path))
            client.settimeout(5)
            with pytest.raises(OSError):
                for _ in range(1000):
                    client.sendall(b"x" * 1000)
        assert send_order(path, "status") == {"ok": 1}


def test_a_client_that_leaves_does_not_stop_the_server(path):
    late = Outcome()

    def obey(order, argument):
        return late if order == "call" else Outcome(result={"ok": 1})

    with serving(path, obey):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.connect(str(path))
            client.sendall(b'{"order": "call"}\n')
        late.succeed()

        def serves_on() -> bool:
            assert send_order(path, "status") == {"ok": 1}
            return late.is_known

        wait_for(serves_on, "the answer that nobody waits for is known")
