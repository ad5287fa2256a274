# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fault: a server, or a portal in its place, lets one byte drop now and then, for ever."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from device_bridge.server.kiosk_api import KioskApi
from device_bridge.server.port import ServerUnreachable
from stage.waiting import PATIENCE

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
LIMIT_SECONDS = 1.0


class DrippingServer:
    """Sends the beginning of an answer at once, then a byte each twentieth of a second."""

    def __init__(self, beginning: bytes) -> None:
        self._beginning = beginning
        self._is_over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._is_over.set()
        self._listener.close()
        self._thread.join(30)

    def _serve(self) -> None:
        with suppress(OSError):
            peer, _ = self._listener.accept()
            with peer:
                peer.recv(65536)
                peer.sendall(self._beginning)
                while not self._is_over.wait(0.05):
                    peer.sendall(b"x")


@pytest.fixture(
    params=[b"", HEAD + b"X-Long: ", HEAD + b"Content-Length: 9000\r\n\r\n"]
    + [HEAD + b"Connection: close\r\n\r\n"],
    ids=["status", "header", "body", "body-to-the-end"],
)
def server(request: pytest.FixtureRequest) -> Iterator[DrippingServer]:
    found = DrippingServer(request.param)
    yield found
    found.close()


def test_no_request_outlives_its_deadline(server: DrippingServer) -> None:
    api = KioskApi(server.url, "token", None, 1_000, LIMIT_SECONDS)
    began_at = time.monotonic()
    with pytest.raises(ServerUnreachable):
        api.current_call()
    assert time.monotonic() - began_at < 20 * PATIENCE


def test_no_document_does_either(server: DrippingServer, tmp_path: Path) -> None:
    api = KioskApi(server.url, "token", None, 1_000, LIMIT_SECONDS)
    began_at = time.monotonic()
    with pytest.raises(ServerUnreachable):
        api.fetch_document(1, 1, tmp_path / "1.pdf")
    assert time.monotonic() - began_at < 20 * PATIENCE
    assert list(tmp_path.iterdir()) == []
