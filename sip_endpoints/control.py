# SPDX-License-Identifier: AGPL-3.0-or-later
"""The control socket: how `status` and orders reach a running endpoint.

One JSON object a line in each direction, one order a connection:
``{"order": "call", "argument": "kiosk-wassigny"}`` is answered, when the result is
known, by ``{"ok": true, "result": {...}}`` or ``{"ok": false, "error": "..."}``.
The socket belongs to the user who runs the endpoint (mode 0600).
"""

import json
import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sip_endpoints.log import Log

log = Log(__name__)

MAX_LINE_BYTES = 4096
ANSWER_LIMIT_SECONDS = 45.0


class ControlError(Exception):
    """No running endpoint answers on the socket, or it refused the order."""


@dataclass(slots=True)
class Outcome:
    """The result of an order: known at once, or filled in later by the service."""

    result: dict[str, Any] | None = None
    error: str | None = None

    @property
    def is_known(self) -> bool:
        """Say whether the order has come to its end."""
        return self.result is not None or self.error is not None

    def succeed(self, **result: Any) -> None:
        """Note the success, unless the end is known already."""
        if not self.is_known:
            self.result = result

    def fail(self, error: str) -> None:
        """Note the failure, unless the end is known already."""
        if not self.is_known:
            self.error = error


Obey = Callable[[str, str], Outcome]


@dataclass(slots=True)
class _Client:
    connection: socket.socket
    received: bytes = b""
    outcome: Outcome | None = None
    began_at: float = field(default_factory=time.monotonic)


class ControlServer:
    """Serves the control socket from the endpoint's own loop; never blocks it."""

    def __init__(self, path: Path, obey: Obey) -> None:
        self._path = path
        self._obey = obey
        self._clients: list[_Client] = []
        self._listener = _bind(path)

    def poll(self) -> None:
        """Take new connections, read orders, answer those whose end is known."""
        try:
            while True:
                connection, _ = self._listener.accept()
                connection.setblocking(False)
                self._clients.append(_Client(connection))
        except BlockingIOError:
            pass
        self._clients = [client for client in self._clients if self._serve(client)]

    def close(self) -> None:
        """Stop listening and remove the socket's file."""
        for client in self._clients:
            client.connection.close()
        self._listener.close()
        self._path.unlink(missing_ok=True)

    def _serve(self, client: _Client) -> bool:
        """Return whether the connection goes on."""
        if client.outcome is None and not self._read(client):
            client.connection.close()
            return False
        outcome = client.outcome
        late = time.monotonic() - client.began_at > ANSWER_LIMIT_SECONDS
        if late and (outcome is None or not outcome.is_known):
            outcome = Outcome(error="no result in time")
        if outcome is None or not outcome.is_known:
            return True
        _answer(client.connection, outcome)
        return False

    def _read(self, client: _Client) -> bool:
        try:
            data = client.connection.recv(MAX_LINE_BYTES)
        except BlockingIOError:
            return True
        except OSError:
            return False
        client.received += data
        if not data or len(client.received) > MAX_LINE_BYTES:
            return False
        if b"\n" in client.received:
            client.outcome = self._take(client.received)
        return True

    def _take(self, line: bytes) -> Outcome:
        try:
            order = json.loads(line)
            name, argument = order["order"], order.get("argument", "")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return Outcome(error="not an order")
        if not isinstance(name, str) or not isinstance(argument, str):
            return Outcome(error="not an order")
        return self._obey(name, argument)


def _bind(path: Path) -> socket.socket:
    """Listen on the path; a file left by a dead process is replaced."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if path.exists():
            try:
                listener.connect(str(path))
            except OSError:
                path.unlink()
            else:
                raise ControlError(f"another endpoint is running on {path}")
        mask = os.umask(0o177)
        try:
            listener.bind(str(path))
        finally:
            os.umask(mask)
    except OSError as error:
        listener.close()
        raise ControlError(f"cannot listen on {path}: {error.strerror}") from error
    except ControlError:
        listener.close()
        raise
    listener.listen(8)
    listener.setblocking(False)
    return listener


def _answer(connection: socket.socket, outcome: Outcome) -> None:
    reply: dict[str, Any] = {"ok": outcome.error is None}
    if outcome.error is None:
        reply["result"] = outcome.result
    else:
        reply["error"] = outcome.error
    try:
        connection.setblocking(True)
        connection.settimeout(1.0)
        connection.sendall(json.dumps(reply).encode() + b"\n")
    except OSError:
        log.info("a control client left before its answer")
    finally:
        connection.close()


def send_order(
    path: Path, order: str, argument: str = "", timeout_seconds: float = 50.0
) -> dict[str, Any]:
    """Give an order to the endpoint running on this socket and return its result.

    Raise ControlError when nobody answers or the order is refused.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout_seconds)
        try:
            connection.connect(str(path))
            line = json.dumps({"order": order, "argument": argument})
            connection.sendall(line.encode() + b"\n")
            with connection.makefile("rb") as file:
                answer = file.readline()
        except TimeoutError as error:
            raise ControlError("the endpoint did not answer in time") from error
        except OSError as error:
            raise ControlError(f"no endpoint is running on {path}") from error
    if not answer:
        raise ControlError("the endpoint ended before it answered")
    reply = json.loads(answer)
    if not reply["ok"]:
        raise ControlError(reply["error"])
    result: dict[str, Any] = reply["result"]
    return result
