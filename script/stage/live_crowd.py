# SPDX-License-Identifier: AGPL-3.0-or-later
"""Many open pages as the live server sees them: streams that are read and nothing else."""

import selectors
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from stage.waiting import PATIENCE, NotInTime

READ_BYTES = 65536


class LiveCrowd:
    """One stream for each of the cookies; a context manager that closes them.

    `authority` is the file of who vouches for the server, where it speaks TLS.
    """

    def __init__(
        self, url: str, cookies: Sequence[str], *, authority: str = ""
    ) -> None:
        self.received: list[bytes] = [b"" for _ in cookies]
        self._selector = selectors.DefaultSelector()
        self._sockets: list[socket.socket] = []
        address = urlsplit(url)
        tls = ssl.create_default_context(cafile=authority) if authority else None
        for number, cookie in enumerate(cookies):
            stream = socket.create_connection((address.hostname, address.port), 20)
            if tls is not None:
                stream = tls.wrap_socket(stream, server_hostname=address.hostname)
            self._sockets.append(stream)
            stream.sendall(
                f"GET /direct HTTP/1.1\r\nHost: {address.netloc}\r\n"
                f"Cookie: {cookie}\r\n\r\n".encode()
            )
            self._selector.register(stream, selectors.EVENT_READ, number)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for stream in self._sockets:
            stream.close()
        self._selector.close()

    def wait(self, text: bytes, timeout_seconds: float = 30.0) -> None:
        """Return once every stream has brought this; raises NotInTime."""
        self._read_until(
            lambda: all(text in each for each in self.received),
            lambda: (
                f"{sum(text in each for each in self.received)} streams have {text!r}"
            ),
            timeout_seconds * PATIENCE,
        )

    def listen(self, seconds: float) -> None:
        """Read whatever comes for so long."""
        try:
            self._read_until(lambda: False, lambda: "", seconds)
        except NotInTime:
            return

    def forget(self) -> None:
        """Begin to count anew."""
        self.received = [b"" for _ in self.received]

    def _read_until(
        self,
        is_done: Callable[[], bool],
        found: Callable[[], str],
        timeout_seconds: float,
    ) -> None:
        deadline = time.monotonic() + timeout_seconds
        while not is_done():
            left = deadline - time.monotonic()
            if left <= 0:
                raise NotInTime(f"{found()}: not within {timeout_seconds:g} s")
            for key, _events in self._selector.select(left):
                # TLS gives a record at a time; the next one waits in the kernel, and is seen.
                part = key.fileobj.recv(READ_BYTES)  # type: ignore[union-attr]
                if part:
                    self.received[key.data] += part
                else:
                    self._selector.unregister(key.fileobj)
