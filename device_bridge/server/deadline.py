# SPDX-License-Identifier: AGPL-3.0-or-later
"""A time by which a whole HTTP exchange must be over, however its bytes come.

The time-outs of `requests` begin anew with each byte: a server, or a portal in between, that
lets one drop now and then holds the caller for ever. Here the connection itself is ended.
"""

import socket
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPResponse, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NameResolutionError

# A line is dead when nothing that was sent over it is acknowledged for so long: an address
# that changed, a router that forgot us. Without it a request over a connection that was kept
# waits for its answer until the time-out of the read.
DEAD_LINE_SECONDS = 8
CONNECTION_OPTIONS = (
    *HTTPConnection.default_socket_options,
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 3),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1),
    (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD_LINE_SECONDS * 1000),
)

_own = threading.local()
_last_addresses: dict[str, str] = {}


class Deadline:
    """Ends the exchanges of this thread that are not over in time; a context manager."""

    def __init__(self, seconds: float) -> None:
        self.is_over = False
        self._ends_at = time.monotonic() + seconds
        self._changed = threading.Condition()
        self._connection: HTTPConnection | None = None
        self._socket: socket.socket | None = None
        self._is_left = False
        self._outer: Deadline | None = None

    def watch(self, connection: HTTPConnection) -> None:
        """Note the connection over which the exchange goes, and its socket so far."""
        with self._changed:
            self._connection = connection
            # An answer after which the server closes takes the socket along.
            self._socket = connection.sock or self._socket

    def hold(self, plain: socket.socket) -> None:
        """Note a socket that belongs to no HTTP connection."""
        with self._changed:
            self._socket = plain

    def add(self, seconds: float) -> None:
        """Grant so much more, as for a large answer that was announced."""
        with self._changed:
            self._ends_at += seconds

    def __enter__(self) -> "Deadline":
        self._outer = getattr(_own, "deadline", None)
        _own.deadline = self
        threading.Thread(target=self._wait, name="deadline", daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        _own.deadline = self._outer
        with self._changed:
            self._is_left = True
            self._connection = self._socket = None
            self._changed.notify()

    def _wait(self) -> None:
        with self._changed:
            while not self._is_left:
                left = self._ends_at - time.monotonic()
                if left > 0:
                    self._changed.wait(left)
                    continue
                self.is_over = True
                self._end()
                # What is connected next, after a redirect or a retry, ends as well.
                self._changed.wait(0.2)

    def _end(self) -> None:
        found = getattr(self._connection, "sock", None) or self._socket
        if found is not None:
            with suppress(OSError):
                # Past the SSL object, which belongs to the thread that reads.
                socket.socket.shutdown(found, socket.SHUT_RDWR)


class _Watched(HTTPConnection):
    """A connection that tells this thread's deadline of itself, at each step.

    Where nobody answers for the server's name, it goes to where that led last: whoever is
    there has to show the name's certificate all the same.
    """

    def _new_conn(self) -> socket.socket:
        name = self.host
        try:
            found = super()._new_conn()
        except NameResolutionError:
            if name not in _last_addresses:
                raise
            self.host = _last_addresses[name]
            try:
                return super()._new_conn()
            finally:
                self.host = name
        _last_addresses[name] = str(found.getpeername()[0])
        return found

    def connect(self) -> None:
        """Open it."""
        self._tell()
        super().connect()

    def request(self, *arguments: Any, **options: Any) -> None:
        """Send a request."""
        self._tell()
        super().request(*arguments, **options)

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        """Read the answer's head."""
        self._tell()
        return super().getresponse()

    def _tell(self) -> None:
        deadline: Deadline | None = getattr(_own, "deadline", None)
        if deadline is not None:
            deadline.watch(self)


class _HttpsConnection(_Watched, HTTPSConnection):
    pass


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Watched


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _HttpsConnection


class WatchedAdapter(HTTPAdapter):
    """An adapter of `requests` whose connections end by the thread's deadline, or dead."""

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """Make the pools of such connections."""
        super().init_poolmanager(
            *arguments, socket_options=list(CONNECTION_OPTIONS), **options
        )
        self.poolmanager.pool_classes_by_scheme = {
            "http": _HttpPool,
            "https": _HttpsPool,
        }
