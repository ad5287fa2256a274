# SPDX-License-Identifier: AGPL-3.0-or-later
"""The socket by which the web application wakes the dispatcher.

A Unix datagram socket: one byte after a commit that asks something of the dispatcher. A
lost ring costs no more than the dispatcher's own poll, so nobody waits for an answer.
"""

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable
from pathlib import Path

_DATAGRAM_BYTES = 16
_OWNER_ONLY = 0o177


class Doorbell:
    """Binds the socket at `path`, for its owner alone, and calls `on_ring`.

    Where several dispatchers share a path the last one started hears it; the others poll.
    """

    def __init__(self, path: Path, on_ring: Callable[[], None]) -> None:
        self._path = path
        self._on_ring = on_ring
        self._socket: socket.socket | None = None

    def open(self) -> None:
        """Bind; replaces what a dispatcher that was killed has left behind."""
        self._path.unlink(missing_ok=True)
        bound = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        former_mask = os.umask(_OWNER_ONLY)
        try:
            bound.bind(str(self._path))
        finally:
            os.umask(former_mask)
        self._socket = bound
        asyncio.get_running_loop().add_reader(bound.fileno(), self._drain, bound)

    def close(self) -> None:
        """Unbind; the path is left to whoever has bound it since."""
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
            self._socket.close()
            self._socket = None

    def _drain(self, bound: socket.socket) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                bound.recv(_DATAGRAM_BYTES)
        self._on_ring()
