# SPDX-License-Identifier: AGPL-3.0-or-later
"""A host behind a router is reached by the ports that are led in, and goes out by its address."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from stage.hosts.host_set import HostSet
from stage.hosts.router import LedIn
from stage.processes import DIE_WITH_STAGE

pytestmark = pytest.mark.real
SERVER, KIOSK, COUNSELLOR = "203.0.113.10", "203.0.113.20", "203.0.113.30"
# Tells each who comes by which address it came.
_LISTENING = """
import socketserver, sys, threading
class Tell(socketserver.BaseRequestHandler):
    def handle(self):
        told = self.client_address[0].encode()
        if isinstance(self.request, tuple):
            self.request[1].sendto(told, self.client_address)
        else:
            self.request.sendall(told)
servers = [socketserver.ThreadingTCPServer(("", 443), Tell),
           socketserver.ThreadingTCPServer(("", 22), Tell),
           socketserver.ThreadingUDPServer(("", 10000), Tell),
           socketserver.ThreadingUDPServer(("", 9000), Tell)]
for each in servers:
    threading.Thread(target=each.serve_forever).start()
print("listening", flush=True)
"""
_ASKING = """
import socket, sys
kind = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}[sys.argv[1]]
line = socket.socket(type=kind)
line.settimeout(1)
try:
    line.connect((sys.argv[2], int(sys.argv[3])))
    line.send(b"who am I")
    print(line.recv(100).decode())
except OSError:
    print("nobody")
"""

_NAMED = """
import socket, sys
labels = [bytes([len(each)]) + each.encode() for each in sys.argv[1].split(".")]
line = socket.socket(type=socket.SOCK_DGRAM)
line.settimeout(1)
line.connect(("203.0.113.1", 53))
line.send(bytes([0, 1, 1, 0, 0, 1] + [0] * 6) + b"".join(labels) + bytes([0, 0, 1, 0, 1]))
print(socket.inet_ntoa(line.recv(500)[-4:]))
"""


@pytest.fixture(scope="module", autouse=True)
def _listening(host_set: HostSet) -> Iterator[None]:
    """Have somebody listen on server and counsellor; the kiosk is there too. None is booted."""
    started = []
    for name in ("server", "kiosk", "counsellor"):
        host_set.add(name)
    for name in ("server", "counsellor"):
        there = subprocess.Popen(
            [
                *(*DIE_WITH_STAGE, *host_set.network.enter(name)),
                *(sys.executable, "-c", _LISTENING),
            ],
            stdout=subprocess.PIPE,
        )
        started.append(there)
        assert there.stdout is not None
        assert there.stdout.readline() == b"listening\n"
    yield
    for there in started:
        there.kill()
        there.communicate()


@pytest.fixture(autouse=True)
def _as_before(host_set: HostSet) -> Iterator[None]:
    yield
    host_set.take_from_behind_routers()


def _asked(host_set: HostSet, host: str, protocol: str, address: str, port: int) -> str:
    """Give by which address `host` comes to a port; `nobody` where nobody answers it."""
    return _run(host_set, host, _ASKING, protocol, address, str(port))


def _named(host_set: HostSet, host: str, name: str) -> str:
    """Give which address the network's name server gives `host` for a name."""
    return _run(host_set, host, _NAMED, name)


def _run(host_set: HostSet, host: str, program: str, *arguments: str) -> str:
    done = subprocess.run(
        [*host_set.network.enter(host), sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def _put_server_behind(host_set: HostSet) -> None:
    led_in = (LedIn("tcp", "443"), LedIn("udp", "10000-10199"))
    host_set.put_behind_router("server", lan="192.168.77", led_in=led_in)


def test_what_is_led_in_arrives_from_its_sender_and_nothing_else_does(
    host_set: HostSet,
) -> None:
    assert _asked(host_set, "kiosk", "tcp", SERVER, 22) == KIOSK
    _put_server_behind(host_set)
    assert _asked(host_set, "kiosk", "tcp", SERVER, 443) == KIOSK
    assert _asked(host_set, "kiosk", "udp", SERVER, 10000) == KIOSK
    assert _asked(host_set, "kiosk", "tcp", SERVER, 22) == "nobody"
    assert _asked(host_set, "kiosk", "udp", SERVER, 9000) == "nobody"
    assert _asked(host_set, "kiosk", "tcp", "192.168.77.10", 443) == "nobody"


def test_what_goes_out_bears_the_routers_address_and_is_not_led_back_in(
    host_set: HostSet,
) -> None:
    _put_server_behind(host_set)
    assert _asked(host_set, "server", "tcp", COUNSELLOR, 443) == SERVER
    assert _asked(host_set, "server", "udp", COUNSELLOR, 10000) == SERVER
    assert _asked(host_set, "server", "tcp", SERVER, 443) == "nobody"
    assert _named(host_set, "server", "guichet.example.fr") == SERVER


def test_two_behind_one_router_see_each_other_and_go_through_another_ones(
    host_set: HostSet,
) -> None:
    _put_server_behind(host_set)
    host_set.put_behind_router("kiosk", "counsellor", lan="192.168.78")
    assert _asked(host_set, "kiosk", "udp", "192.168.78.30", 9000) == "192.168.78.20"
    assert _asked(host_set, "counsellor", "tcp", SERVER, 443) == KIOSK
    assert _asked(host_set, "counsellor", "udp", SERVER, 10000) == KIOSK
    assert _asked(host_set, "server", "udp", KIOSK, 9000) == "nobody"


def test_who_is_taken_from_behind_a_router_is_reached_as_before(
    host_set: HostSet,
) -> None:
    for _ in range(2):
        _put_server_behind(host_set)
        host_set.put_behind_router("kiosk", lan="192.168.78")
        assert _asked(host_set, "kiosk", "tcp", SERVER, 22) == "nobody"
        host_set.take_from_behind_routers()
        assert _asked(host_set, "kiosk", "tcp", SERVER, 22) == KIOSK
        assert _asked(host_set, "server", "udp", COUNSELLOR, 9000) == SERVER
