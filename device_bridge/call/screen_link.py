# SPDX-License-Identifier: AGPL-3.0-or-later
"""The second screen's end of the Unix socket: what it is to wipe, and that it did.

Standard library alone: the program of the screen imports this, and nothing else of the bridge
runs there.
"""

import socket
import time
from pathlib import Path
from typing import Any

from device_bridge.call.link import (
    MAX_LINE_BYTES,
    RECONNECT_SECONDS,
    make_line,
    parse_line,
)

EVENT = "screen_wiped"


class ScreenLink:
    """Connects by itself, again and again; nothing here ever waits.

    `order` is the name of the wipe that is wanted; None: none is, or not any more.
    """

    def __init__(self, path: Path) -> None:
        self.order: str | None = None
        self._path = path
        self._socket: socket.socket | None = None
        self._received = b""
        self._failures = 0
        self._next_try = 0.0

    def poll(self) -> None:
        """Connect, and hear what is wanted."""
        if self._socket is None and not self._connect():
            return
        while self._socket is not None:
            try:
                data = self._socket.recv(MAX_LINE_BYTES)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            *lines, self._received = (self._received + data).split(b"\n")
            for line in lines:
                message = parse_line(line) or {}
                if "wipe_screen" in message:
                    order = message["wipe_screen"]
                    self.order = order if isinstance(order, str) else None
            if not data or len(self._received) > MAX_LINE_BYTES:
                self.close()

    def answer(self, order: str, found: int, cause: str = "") -> None:
        """Tell that a wipe is done, or why it is not; unheard, it will be asked for again."""
        self.order = None
        if self._socket is None:
            return
        told: dict[str, Any] = {
            "event": EVENT,
            "order": order,
            "found": found,
            "cause": cause,
        }
        try:
            self._socket.sendall(make_line(told))
        except OSError:
            self.close()

    def close(self) -> None:
        """Leave the bridge."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        self._received = b""

    def _connect(self) -> bool:
        now = time.monotonic()
        if now < self._next_try:
            return False
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.setblocking(False)
        try:
            connection.connect(str(self._path))
        except OSError:
            connection.close()
            last = len(RECONNECT_SECONDS) - 1
            self._next_try = now + RECONNECT_SECONDS[min(self._failures, last)]
            self._failures += 1
            return False
        self._socket, self._failures = connection, 0
        return True
