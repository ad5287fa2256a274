# SPDX-License-Identifier: AGPL-3.0-or-later
"""A village's line takes longer for a piece of a scan than for opening a connection."""

import socket
import threading

import pytest

from device_bridge.server import kiosk_api
from device_bridge.server.kiosk_api import KioskApi

SIZE = 8 * 1024 * 1024
READ_BYTES = 128 * 1024
PACE_SECONDS = 0.01


class SlowServer:
    """Takes one piece at a slow pace, whole, and says so."""

    def __init__(self) -> None:
        self.received = 0
        self._socket = socket.socket()
        # Else the system itself would take most of it in at once.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32 * 1024)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen()
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._thread.join(30)
        self._socket.close()

    def _serve(self) -> None:
        connection, _ = self._socket.accept()
        with connection:
            head = b""
            while b"\r\n\r\n" not in head:
                head += connection.recv(4096)
            self.received = len(head.partition(b"\r\n\r\n")[2])
            pace = threading.Event()
            while self.received < SIZE:
                data = connection.recv(READ_BYTES)
                if not data:
                    return
                self.received += len(data)
                pace.wait(PACE_SECONDS)
            answer = f"HTTP/1.1 204 No Content\r\nUpload-Offset: {SIZE}\r\n\r\n"
            connection.sendall(answer.encode())


@pytest.fixture
def server():
    made = SlowServer()
    yield made
    made.close()


def test_a_piece_may_take_longer_than_the_time_to_connect(server, monkeypatch):
    monkeypatch.setattr(kiosk_api, "CONNECT_SECONDS", 0.3)
    api = KioskApi(f"http://127.0.0.1:{server.port}", "token", None, SIZE)

    assert api.send_chunk("upload", 0, bytes(SIZE)) == SIZE
    assert server.received == SIZE
