# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fault: the kiosk's address changes while the bridge keeps connections to its server."""

import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from stage.processes import DIE_WITH_STAGE
from stage.village_network import SERVER_ADDRESS, ServerNetwork, Village
from stage.waiting import wait_for
from tests.factories.villages import server_network

PORT = 8080

SERVER = """
import json, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        content = json.dumps({"appointment": 7}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

server = ThreadingHTTPServer((sys.argv[1], int(sys.argv[2])), Handler)
print("ready", flush=True)
server.serve_forever()
"""
# Asks over one kept connection, each time that it is told to. An answer is waited for longer
# than this test lasts, so whoever asks again has found the connection dead.
KIOSK = """
import sys
from device_bridge.server import kiosk_api
from device_bridge.server.port import ServerUnreachable

kiosk_api.READ_SECONDS = 3600.0
server = f"http://{sys.argv[1]}:{sys.argv[2]}"
api = kiosk_api.KioskApi(server, "token", None, 1000, request_seconds=3600.0)
for line in sys.stdin:
    try:
        print(api.current_call().appointment, flush=True)
    except ServerUnreachable:
        print("unreachable", flush=True)
"""


@pytest.fixture
def networks() -> Iterator[tuple[ServerNetwork, Village]]:
    with server_network() as server, closing(Village(server, 1)) as village:
        yield server, village


@contextmanager
def program(enter: list[str], text: str) -> Iterator[subprocess.Popen[str]]:
    command = [*DIE_WITH_STAGE, sys.executable, "-c", text, SERVER_ADDRESS, str(PORT)]
    with subprocess.Popen(
        [*enter, *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as running:
        try:
            yield running
        finally:
            running.kill()


def ask(kiosk: subprocess.Popen[str]) -> str:
    assert kiosk.stdin is not None and kiosk.stdout is not None
    kiosk.stdin.write("\n")
    kiosk.stdin.flush()
    wait_for(lambda: select.select([kiosk.stdout], [], [], 0)[0], "the kiosk answers")
    return kiosk.stdout.readline().strip()


def test_the_server_is_asked_from_the_new_address_and_no_answer_is_waited_for(
    networks: tuple[ServerNetwork, Village],
) -> None:
    server, village = networks
    with program(server.enter, SERVER) as serving:
        assert serving.stdout is not None
        assert serving.stdout.readline() == "ready\n"
        with program(list(village.enter), KIOSK) as kiosk:
            assert ask(kiosk) == "7"
            village.move()
            wait_for(lambda: ask(kiosk) == "7", "the server is asked again")
