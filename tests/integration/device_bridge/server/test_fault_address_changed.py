# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fault: the kiosk's address changes while the bridge keeps connections to its server."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from stage.processes import DIE_WITH_STAGE
from stage.village_network import SERVER_ADDRESS, ServerNetwork, Village
from tests.factories.villages import server_network

PORT = 8080
# The answer's head would be waited for three times as long.
BACK_SECONDS = 12.0

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
# Asks over one kept connection, each time that it is told to.
KIOSK = """
import sys
from device_bridge.server.kiosk_api import KioskApi
from device_bridge.server.port import ServerUnreachable

api = KioskApi(f"http://{sys.argv[1]}:{sys.argv[2]}", "token", None, 1000)
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
    return kiosk.stdout.readline().strip()


def test_the_server_is_asked_again_from_the_new_address_within_seconds(
    networks: tuple[ServerNetwork, Village],
) -> None:
    server, village = networks
    with program(server.enter, SERVER) as serving:
        assert serving.stdout is not None
        assert serving.stdout.readline() == "ready\n"
        with program(list(village.enter), KIOSK) as kiosk:
            assert ask(kiosk) == "7"
            village.move()
            moved_at = time.monotonic()
            while ask(kiosk) != "7":
                assert time.monotonic() - moved_at < BACK_SECONDS
            assert time.monotonic() - moved_at < BACK_SECONDS
