# SPDX-License-Identifier: AGPL-3.0-or-later
"""Everything that Asterisk tells the dispatcher's account, as it goes over the wire."""

import socket
import threading
import tomllib
from pathlib import Path

from stage.waiting import wait_for


class AmiTap:
    """A manager connection of which every byte is kept; a context manager."""

    def __init__(self, settings_file: Path) -> None:
        settings = tomllib.loads(settings_file.read_text())
        self._socket = socket.create_connection(("127.0.0.1", settings["ami_port"]))
        self._received = bytearray()
        self._pings = 0
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()
        self._send(
            Action="Login",
            Username=settings["ami_username"],
            Secret=settings["ami_secret"],
        )
        self.heard()

    def heard(self) -> bytes:
        """Give all that was told until now."""
        self._pings += 1
        mark = f"tap/{self._pings}"
        self._send(Action="Ping", ActionID=mark)
        wait_for(lambda: f"ActionID: {mark}\r".encode() in self._received, "the ping")
        return bytes(self._received)

    def __enter__(self) -> "AmiTap":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._reading.join(10)
        self._socket.close()

    def _send(self, **fields: str) -> None:
        lines = [f"{name}: {value}" for name, value in fields.items()]
        self._socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())

    def _read(self) -> None:
        while chunk := self._socket.recv(65536):
            self._received += chunk
