# SPDX-License-Identifier: AGPL-3.0-or-later
"""The line to Asterisk: can it be reached, how long is the way, what gets lost.

SIP goes over TLS, hence TCP: the kernel itself counts what it sent again and how the round
trips vary. Empty lines, which SIP allows between messages (RFC 3261, 7.5), make it send; no
request is made, so nothing is written down at the server and nobody is banned for it.
"""

import socket
import ssl
import struct
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sip_endpoints.machine.server.faults import explain

CONNECT_SECONDS = 6.0
_ROUNDS, _EVERY_SECONDS = 25, 0.08
# Linux's struct tcp_info (linux/tcp.h): eight bytes, then counters of four bytes each.
_HEAD_BYTES, _COUNTERS = 8, 24
_RTT, _RTT_VARIATION, _RETRANSMITTED = 15, 16, 23


@dataclass(frozen=True, slots=True)
class Line:
    """What was measured, and when the server's certificate ends."""

    round_trip_ms: float
    jitter_ms: float
    loss_fraction: float
    certificate_ends: datetime


def certificate_ends(host: str, port: int, authority: Path | None) -> datetime:
    """Give the end of a server's certificate, verified; raise SiteUnreachable."""
    with _connection(host, port, authority) as line:
        return _end_of(line)


def measure_line(host: str, port: int, authority: Path | None) -> Line:
    """Measure for some seconds; raise SiteUnreachable."""
    with _connection(host, port, authority) as line:
        ends = _end_of(line)
        before = _counters(line)
        try:
            for _ in range(_ROUNDS):
                line.sendall(b"\r\n\r\n")
                time.sleep(_EVERY_SECONDS)
        except OSError as error:
            raise explain(error, host, port) from error
        after = _counters(line)
    again = after[_RETRANSMITTED] - before[_RETRANSMITTED]
    return Line(
        round(after[_RTT] / 1000, 1),
        round(after[_RTT_VARIATION] / 1000, 1),
        round(again / (_ROUNDS + again), 3),
        ends,
    )


def _connection(host: str, port: int, authority: Path | None) -> ssl.SSLSocket:
    context = ssl.create_default_context(cafile=str(authority) if authority else None)
    try:
        plain = socket.create_connection((host, port), CONNECT_SECONDS)
        # Each line is to be one packet.
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            return context.wrap_socket(plain, server_hostname=host)
        except BaseException:
            plain.close()
            raise
    except OSError as error:
        raise explain(error, host, port) from error


def _counters(line: ssl.SSLSocket) -> tuple[int, ...]:
    size = _HEAD_BYTES + 4 * _COUNTERS
    told = line.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, size)
    return struct.unpack(f"={_COUNTERS}I", told[_HEAD_BYTES:size])


def _end_of(line: ssl.SSLSocket) -> datetime:
    certificate = line.getpeercert() or {}
    return datetime.fromtimestamp(
        ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC
    )
