# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sends one signed message to an address that somebody else chose.

Nothing inside the site's own network is reached, unless a setting allows it: the name is
looked up once, every address of it is judged, and the connection goes to one that was. No
redirect is followed and no proxy asked. The answer's body is not read. From the lookup to
the answer's first line all has to be done by one deadline, however little comes at a time.
"""

import re
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from booking_web.telling.webhooks.addresses import AddressRefused, check_address
from booking_web.telling.webhooks.lookup import addresses_of

DEADLINE_SECONDS = 10.0
# Of the answer no more than this is read before its status is known.
LONGEST_ANSWER_BYTES = 64 * 1024
# RFC 9112, section 4. Interim answers (1xx) come before the one that counts.
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: [^\r\n]*)?\r?\n")
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")


class NotWanted(Exception):
    """Between connecting and sending it turned out that nothing is to be sent."""


class NoHttp(Exception):
    """What came is no answer of HTTP."""


@dataclass(frozen=True)
class Answer:
    """What came of a message: an HTTP status, or the code of a failure."""

    status: int | None
    error: str = ""

    @property
    def is_taken(self) -> bool:
        """Tell whether the receiver took it."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        """Tell whether the receiver wants no more of it (RFC 9110, 15.5.11)."""
        return self.status == 410


class Deadline:
    """The instant by which all is to be done."""

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Give the seconds that are left; raises TimeoutError where there are none."""
        left = self._at - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class Sender:
    """Posts messages; with `allows_private` also to the site's own network."""

    def __init__(
        self,
        *,
        allows_private: bool,
        tls: ssl.SSLContext | None = None,
        deadline_seconds: float = DEADLINE_SECONDS,
    ) -> None:
        self._allows_private = allows_private
        self._tls = tls or ssl.create_default_context()
        self._deadline_seconds = deadline_seconds

    def check(self, url: str) -> None:
        """Raise AddressRefused unless messages may be sent to this address now."""
        try:
            self._address(_parts(url), Deadline(self._deadline_seconds))
        except TimeoutError as error:
            raise AddressRefused("unknown_host") from error

    def post(
        self,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        *,
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> Answer:
        """Send the body; never raises for what the network does.

        `is_wanted` is asked once more when the connection is up; raises NotWanted.
        """
        try:
            return self._post(url, body, headers, is_wanted)
        except AddressRefused as error:
            return Answer(None, str(error))
        except TimeoutError:
            return Answer(None, "timeout")
        except ssl.SSLCertVerificationError:
            return Answer(None, "certificate")
        except ssl.SSLError:
            return Answer(None, "tls")
        except NoHttp:
            return Answer(None, "no_http")
        except OSError:
            return Answer(None, "unreachable")

    def _post(
        self,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        is_wanted: Callable[[], bool],
    ) -> Answer:
        deadline = Deadline(self._deadline_seconds)
        parts = _parts(url)
        address = self._address(parts, deadline)
        with self._connected(parts, address, deadline) as connection:
            if not is_wanted():
                raise NotWanted
            connection.settimeout(deadline.left)
            connection.sendall(_head(parts, headers, len(body)) + body)
            return _judged(_status_of(connection, deadline))

    def _connected(
        self, parts: SplitResult, address: str, deadline: Deadline
    ) -> socket.socket:
        plain = socket.create_connection((address, _port(parts)), deadline.left)
        if parts.scheme == "http":
            return plain
        try:
            # The handshake as a whole keeps to this, as sending does.
            plain.settimeout(deadline.left)
            return self._tls.wrap_socket(plain, server_hostname=parts.hostname)
        except BaseException:
            plain.close()
            raise

    def _address(self, parts: SplitResult, deadline: Deadline) -> str:
        try:
            found = addresses_of(parts.hostname or "", _port(parts), deadline.left)
        except TimeoutError:
            raise
        except (OSError, UnicodeError) as error:
            raise AddressRefused("unknown_host") from error
        for each in found:
            check_address(
                each, scheme=parts.scheme, allows_private=self._allows_private
            )
        return found[0]


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _port(parts)
    except ValueError as error:
        raise AddressRefused("bad_address") from error
    if not url.isascii() or not url.isprintable() or " " in url:
        raise AddressRefused("bad_address")
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.username:
        raise AddressRefused("bad_address")
    return parts


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _head(parts: SplitResult, headers: Mapping[str, str], length: int) -> bytes:
    """Write the request's head; the address holds nothing but printable ASCII."""
    target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    told = {
        "Host": parts.netloc.rpartition("@")[2],
        **headers,
        "Content-Length": str(length),
        "Connection": "close",
    }
    lines = [f"POST {target} HTTP/1.1", *(f"{key}: {told[key]}" for key in told)]
    return "\r\n".join([*lines, "", ""]).encode("ascii")


def _status_of(connection: socket.socket, deadline: Deadline) -> int:
    """Give the answer's status as soon as its first line is there."""
    told = b""
    while True:
        line = _STATUS_LINE.match(told)
        if line is not None and not line[1].startswith(b"1"):
            return int(line[1])
        if line is not None and (end := _END_OF_HEAD.search(told)):
            told = told[end.end() :]
            continue
        if line is None and b"\n" in told or len(told) > LONGEST_ANSWER_BYTES:
            raise NoHttp
        connection.settimeout(deadline.left)
        data = connection.recv(4096)
        if not data:
            raise NoHttp
        told += data


def _judged(status: int) -> Answer:
    if 200 <= status < 300:
        return Answer(status)
    return Answer(status, f"http_{status}")
