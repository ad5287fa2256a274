# SPDX-License-Identifier: AGPL-3.0-or-later
"""The peer of the dispatcher: AMI on a bare socket, and nothing else.

It does the least that places a call, so it is the floor that the dispatcher is measured
against. It also serves as observer: every event is stamped when it arrives.
"""

import socket
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

READ_BYTES = 65536


class AmiError(Exception):
    """Asterisk refused an action, closed the connection or stayed silent."""


@dataclass(frozen=True)
class AmiMessage:
    """A response or an event; `at` is seconds since 1970, when it was read."""

    at: float
    fields: Mapping[str, str]

    def is_event(self, name: str, **fields: str) -> bool:
        """Tell whether it is this event, with these values."""
        return self.fields.get("Event") == name and all(
            self.fields.get(key) == value for key, value in fields.items()
        )


@dataclass(frozen=True)
class AmiAccount:
    """Where AMI listens, and as whom to sign in."""

    host: str
    port: int
    username: str
    secret: str


class BareAmi:
    """One blocking connection, used by one thread."""

    def __init__(self, account: AmiAccount, *, events: bool) -> None:
        self._socket = socket.create_connection((account.host, account.port), 5)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._unread = b""
        self._messages: deque[AmiMessage] = deque()
        self.send(
            Action="Login",
            Username=account.username,
            Secret=account.secret,
            Events="on" if events else "off",
        )
        answer = self.wait(lambda message: "Response" in message.fields, 5)
        if answer.fields["Response"] != "Success":
            raise AmiError(f"sign-in refused: {answer.fields.get('Message')}")

    def __enter__(self) -> "BareAmi":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def send(self, *variables: str, **fields: str) -> float:
        """Send an action with its `Variable` lines; return when, in seconds since 1970."""
        lines = [f"{name}: {value}" for name, value in fields.items()]
        lines += [f"Variable: {variable}" for variable in variables]
        action = ("\r\n".join(lines) + "\r\n\r\n").encode()
        at = time.time()
        self._socket.sendall(action)
        return at

    def wait(self, wanted: Callable[[AmiMessage], bool], seconds: float) -> AmiMessage:
        """Return the next message that is wanted; what comes before it is dropped."""
        deadline = time.monotonic() + seconds
        while True:
            while self._messages:
                message = self._messages.popleft()
                if wanted(message):
                    return message
            self._read(deadline)

    def forget(self) -> None:
        """Drop what has arrived by now."""
        self._socket.setblocking(False)
        try:
            while self._take(self._socket.recv(READ_BYTES)):
                pass
        except BlockingIOError:
            pass
        finally:
            self._socket.setblocking(True)
        self._messages.clear()

    def _read(self, deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise AmiError("Asterisk did not say what was waited for")
        self._socket.settimeout(left)
        try:
            self._take(self._socket.recv(READ_BYTES))
        except TimeoutError as error:
            raise AmiError("Asterisk did not say what was waited for") from error

    def _take(self, received: bytes) -> bool:
        if not received:
            raise AmiError("Asterisk closed the connection")
        at = time.time()
        *complete, self._unread = (self._unread + received).split(b"\r\n\r\n")
        self._messages += [
            AmiMessage(at, parse_fields(block.decode("utf-8", "replace")))
            for block in complete
        ]
        return True


def parse_fields(block: str) -> dict[str, str]:
    """Return the fields of one message; of a repeated field the first."""
    fields: dict[str, str] = {}
    for line in block.split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            fields.setdefault(name, value.strip())
    return fields
