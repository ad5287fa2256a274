# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whether this kiosk's clock is right, by what the server's answers are dated.

A clock a year slow makes each certificate "not yet valid", which reads like a fault of the
server. To tell the two apart the server is then asked for its date over a connection that
nothing is trusted of: no token goes there, and what comes back only becomes words.
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import structlog

from device_bridge.server.deadline import Deadline

log = structlog.get_logger(__name__)

# A date has whole seconds, an answer takes its time, and a minute harms nobody.
TOLERANCE_SECONDS = 120
PEEK_SECONDS = 5.0
# A server that is away is asked again and again; its date that often is enough.
PEEK_EVERY_SECONDS = 20.0
_HEAD_BYTES = 8192
# OpenSSL's X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED.
_NOT_NOW = frozenset({9, 10})

Now = Callable[[], datetime]


def utc_now() -> datetime:
    """Give what this machine's clock says."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class ClockState:
    """How the clock stands; `ahead_seconds` is None as long as no server dated anything."""

    ahead_seconds: int | None = None

    @property
    def is_wrong(self) -> bool:
        """Tell whether somebody must set it."""
        return abs(self.ahead_seconds or 0) > TOLERANCE_SECONDS

    @property
    def sentence(self) -> str:
        """Say it to whoever looks after the kiosk; nothing where all is well."""
        if not self.is_wrong or self.ahead_seconds is None:
            return ""
        way = "avance" if self.ahead_seconds > 0 else "retarde"
        return (
            f"L'horloge de la borne {way} de {_length(abs(self.ahead_seconds))}."
            " Mettez-la à l'heure."
        )

    def to_json(self) -> dict[str, Any]:
        """Give what `status` shows."""
        return {
            "is_wrong": self.is_wrong,
            "ahead_seconds": self.ahead_seconds,
            "sentence": self.sentence,
        }


class ClockWatch:
    """Compares the clock with the server's; any thread may call it."""

    def __init__(self, server_url: str, now: Now = utc_now) -> None:
        self._address = urlsplit(server_url)
        self._now = now
        self._lock = threading.Lock()
        self._state = ClockState()
        self._peek_at = 0.0

    @property
    def state(self) -> ClockState:
        """Give how the clock stands by the last date that was heard."""
        return self._state

    def hear(self, date: str | None) -> None:
        """Take the `Date` of an answer of the server."""
        told = read_date(date)
        if told is None:
            return
        ahead = round((self._now() - told).total_seconds())
        with self._lock:
            before, self._state = self._state, ClockState(ahead)
        if self._state.is_wrong and not before.is_wrong:
            log.error(
                "the clock of this kiosk is wrong",
                ahead_seconds=ahead,
                server_says=told.isoformat(),
                clock_says=self._now().isoformat(timespec="seconds"),
            )
        elif before.is_wrong and not self._state.is_wrong:
            log.info("the clock of this kiosk is right again")

    def explain(self, error: BaseException) -> None:
        """Ask the server for its date where a certificate was not valid at this time."""
        if not is_about_time(error) or self._address.hostname is None:
            return
        with self._lock:
            if time.monotonic() < self._peek_at:
                return
            self._peek_at = time.monotonic() + PEEK_EVERY_SECONDS
        try:
            date = ask_date(self._address.hostname, self._address.port or 443)
        except OSError as failure:
            log.info("the server's date is not to be had", detail=str(failure))
            return
        self.hear(date)
        if not self._state.is_wrong:
            log.error("the server's certificate is not valid now; the clock is right")


def is_about_time(error: BaseException | None) -> bool:
    """Tell whether a certificate was refused for the time at which it is valid."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, ssl.SSLCertVerificationError):
            return error.verify_code in _NOT_NOW
        wrapped = getattr(error, "reason", None) or (error.args or (None,))[0]
        error = (
            wrapped
            if isinstance(wrapped, BaseException)
            else error.__cause__ or error.__context__
        )
    return False


def read_date(text: str | None) -> datetime | None:
    """Read a `Date` header (RFC 9110, 5.6.7); None where it is none."""
    try:
        found = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def ask_date(host: str, port: int) -> str | None:
    """Ask a server for its date, believing nobody: no name, no certificate, no token."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    head = b""
    with (
        Deadline(PEEK_SECONDS) as deadline,
        socket.create_connection((host, port), PEEK_SECONDS) as plain,
        context.wrap_socket(
            plain, server_hostname=host, do_handshake_on_connect=False
        ) as peer,
    ):
        deadline.hold(peer)
        peer.do_handshake()
        peer.sendall(f"HEAD / HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
        while b"\r\n\r\n" not in head and len(head) < _HEAD_BYTES:
            data = peer.recv(_HEAD_BYTES)
            if not data:
                break
            head += data
    for line in head.decode("latin-1").split("\r\n"):
        name, _, value = line.partition(":")
        if name.lower() == "date":
            return value.strip()
    return None


def _length(seconds: int) -> str:
    """Say a length of time in French, to the unit that matters: never "60 minutes"."""
    count, word = round(seconds / 60), "minute"
    for next_word, size in (("heure", 60), ("jour", 24)):
        if count < size:
            break
        count, word = round(count / size), next_word
    return f"{count} {word}{'s' if count > 1 else ''}"
