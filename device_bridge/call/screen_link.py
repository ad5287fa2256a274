# SPDX-License-Identifier: AGPL-3.0-or-later
"""The second screen's end of the Unix socket: what it is to wipe, that it did, what is missing.

Standard library alone: the program of the screen imports this, and nothing else of the bridge
runs there.
"""

import socket
from pathlib import Path
from typing import Any

from device_bridge.call.link import (
    MAX_LINE_BYTES,
    make_line,
    parse_line,
)
from device_bridge.call.reconnecting import Reconnecting

EVENT = "screen_wiped"
MISSING_EVENT = "missing"


class ScreenLink:
    """Connects by itself, again and again; nothing here ever waits.

    `order` is the name of the wipe that is wanted; None: none is, or not any more.
    """

    def __init__(self, path: Path) -> None:
        self.order: str | None = None
        self._again = Reconnecting(path)
        self._socket: socket.socket | None = None
        self._received = b""
        self._missing: tuple[str, ...] = ()

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
        self._tell({"event": EVENT, "order": order, "found": found, "cause": cause})

    def tell_missing(self, parts: tuple[str, ...]) -> None:
        """Tell what of the kiosk's own is unplugged, now and to each bridge that begins anew."""
        self._missing = parts
        self._tell({"event": MISSING_EVENT, "parts": list(parts)})

    def _tell(self, told: dict[str, Any]) -> None:
        if self._socket is None:
            return
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
        self._socket = self._again.connect()
        if self._socket is None:
            return False
        if self._missing:
            self.tell_missing(self._missing)
        return True
