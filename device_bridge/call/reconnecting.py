# SPDX-License-Identifier: AGPL-3.0-or-later
"""The bridge's socket, opened again and again by who belongs to it.

Standard library alone: telephone and second screen import this.
"""

import socket
import time
from pathlib import Path

RECONNECT_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)


class Reconnecting:
    """Tries at growing distances; nothing here ever waits."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._failures = 0
        self._next_try = 0.0

    def connect(self) -> socket.socket | None:
        """Give a connection that does not block, where it is time to try and somebody listens."""
        now = time.monotonic()
        if now < self._next_try:
            return None
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.setblocking(False)
        try:
            connection.connect(str(self._path))
        except OSError:
            connection.close()
            last = len(RECONNECT_SECONDS) - 1
            self._next_try = now + RECONNECT_SECONDS[min(self._failures, last)]
            self._failures += 1
            return None
        self._failures = 0
        return connection
