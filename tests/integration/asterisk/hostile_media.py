# SPDX-License-Identifier: AGPL-3.0-or-later
"""Packets that no telephone sends, for the ports where Asterisk takes a call's media.

They come from another port of the loopback: who sends them has no part in the call.
"""

import contextlib
import itertools
import random
import select
import socket
import struct
import threading
from collections.abc import Iterator, Sequence
from types import TracebackType

LOOPBACK = "127.0.0.1"
# Some twenty times what the call itself sends, in small bursts.
BURST, PAUSE_SECONDS = 25, 0.01
# The first byte of a packet tells what it is (RFC 7983).
HANDSHAKE, ALERT = 22, 21
_DTLS_1_2 = b"\xfe\xfd"
_STUN_COOKIE = b"\x21\x12\xa4\x42"
Packets = Iterator[bytes]


def _dtls(kind: int, body: bytes, sequence: int = 0) -> bytes:
    head = struct.pack(">B2sQH", kind, _DTLS_1_2, sequence, len(body))
    return head + body


def client_hello() -> bytes:
    """Give the ClientHello of a DTLS 1.2 client that wants SRTP (RFC 6347, RFC 5764)."""
    extensions = b"".join(
        struct.pack(">HH", number, len(value)) + value
        for number, value in (
            (10, b"\x00\x04\x00\x1d\x00\x17"),
            (11, b"\x01\x00"),
            (13, b"\x00\x06\x04\x03\x08\x04\x04\x01"),
            (14, b"\x00\x04\x00\x07\x00\x01\x00"),
            (23, b""),
        )
    )
    suites = b"\xc0\x2b\xc0\x2f\xc0\x0a\xc0\x14"
    hello = (
        _DTLS_1_2
        + random.randbytes(32)
        + b"\x00\x00"
        + struct.pack(">H", len(suites))
        + suites
        + b"\x01\x00"
        + struct.pack(">H", len(extensions))
        + extensions
    )
    size = len(hello).to_bytes(3, "big")
    return _dtls(HANDSHAKE, b"\x01" + size + b"\x00\x00" + b"\x00" * 3 + size + hello)


def hellos() -> Packets:
    """Give ClientHellos for ever."""
    while True:
        yield client_hello()


def hostile_packets(sources: Sequence[int]) -> Packets:
    """Give malformed and forged packets for ever; `sources` are the call's own SSRCs."""
    for shape in itertools.cycle((_rtp, _rtcp, _stun, _cut, _noise, _end, _hello)):
        yield shape(random.choice(sources))


def _rtp(source: int) -> bytes:
    """A picture or a sound of that source, whose tag nobody could have made."""
    head = struct.pack(
        ">BBHII",
        random.choice((0x80, 0x90, 0xBF, 0xFF)),
        random.choice((0, 8, 9, 96, 97, 99, 0xE0, 0xFF)),
        random.getrandbits(16),
        random.getrandbits(32),
        source,
    )
    return head + random.randbytes(random.choice((0, 1, 10, 160, 1200)))


def _rtcp(source: int) -> bytes:
    """A report, a farewell or a wish of that source, of a length that is not its own."""
    kind = random.choice((200, 201, 203, 205, 206))
    head = struct.pack(
        ">BBHI", random.choice((0x80, 0x81, 0x9F)), kind, random.getrandbits(16), source
    )
    return head + random.randbytes(random.choice((0, 3, 20, 400)))


def _stun(_source: int) -> bytes:
    """A question whether the call's way may change, by who knows no password of it."""
    attributes = b"".join(
        struct.pack(">HH", kind, size) + value
        for kind, size, value in (
            (0x0006, 9, b"evil:evil\x00\x00\x00"),
            (0x0025, 0, b""),
            (0x0008, random.choice((20, 4, 0xFFFF)), random.randbytes(20)),
        )
    )
    kind = random.choice((0x0001, 0x0101, 0x0111))
    head = struct.pack(">HH", kind, random.choice((len(attributes), 0, 0xFFFC)))
    return head + _STUN_COOKIE + random.randbytes(12) + attributes


def _cut(source: int) -> bytes:
    """The first bytes of one that begins well."""
    shape = random.choice((_rtp, _rtcp, _stun, _hello))
    return shape(source)[: random.randrange(1, 24)]


def _noise(_source: int) -> bytes:
    return random.randbytes(random.randrange(1, 1472))


def _end(_source: int) -> bytes:
    """The end of a DTLS connection, as far as who sends it has a say."""
    return _dtls(ALERT, random.choice((b"\x01\x00", b"\x02\x28")), 9)


def _hello(_source: int) -> bytes:
    return client_hello()


class Attack:
    """Sends packets to these ports of the loopback while its context lasts.

    What keeps it from sending is raised at the end.
    """

    def __init__(self, ports: Sequence[int], packets: Packets) -> None:
        self.sent = 0
        self.error: Exception | None = None
        # Packets of a handshake with who sent a ClientHello.
        self.handshakes = 0
        self._targets = itertools.cycle(ports)
        self._packets = packets
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Attack":
        self._wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._wire.bind((LOOPBACK, 0))
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()
        self._wire.close()
        if self.error is not None:
            raise self.error

    def _run(self) -> None:
        try:
            self._send_all()
        except Exception as error:
            self.error = error

    def _send_all(self) -> None:
        while not self._over.wait(PAUSE_SECONDS):
            for packet, port in zip(
                itertools.islice(self._packets, BURST), self._targets, strict=False
            ):
                # Where nobody listens the kernel says so, at some later packet.
                with contextlib.suppress(ConnectionRefusedError):
                    self._wire.sendto(packet, (LOOPBACK, port))
                self.sent += 1
            while select.select([self._wire], [], [], 0)[0]:
                with contextlib.suppress(ConnectionRefusedError):
                    self.handshakes += self._wire.recv(2048)[:1] == bytes([HANDSHAKE])
