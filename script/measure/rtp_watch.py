# SPDX-License-Identifier: AGPL-3.0-or-later
"""Notes when media packets pass in the row's private network, by the kernel's clock.

Content is not read (it is SRTP); a packet's port tells whose it is, its size whether it
carries anything.
"""

import socket
import struct
import threading
from dataclasses import dataclass

ETH_P_IP = 0x0800
PROTOCOL_UDP = 17
ETHERNET_BYTES = 14
UDP_BYTES = 8
# Linux, asm-generic/socket.h: the time at which the kernel took the packet.
SO_TIMESTAMPNS = 35
# The receiver must not lose packets while Python is busy.
BUFFER_BYTES = 8 * 1024 * 1024
HEAD_BYTES = 128
# An RTP header, SRTP's tag and a few bytes: what is smaller is a keep-alive.
LEAST_RTP_BYTES = 60
RTP_VERSION = 2
# RFC 5761: in RTCP the second byte is 192 to 223.
RTCP_TYPES = range(192, 224)


@dataclass(frozen=True)
class MediaPacket:
    """A packet that carries media; `at` is seconds since 1970."""

    at: float
    source_port: int


class RtpWatch:
    """A context manager; needs the rights over its network that a private one gives."""

    def __init__(self, interface: str = "lo") -> None:
        self.packets: list[MediaPacket] = []
        self._socket = socket.socket(
            socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_IP)
        )
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._socket.bind((interface, 0))
        self._socket.settimeout(0.2)
        self._ended = threading.Event()
        self._reader = threading.Thread(target=self._read)

    def __enter__(self) -> "RtpWatch":
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._reader.join()
        self._socket.close()

    def first_after(self, at: float, source_port: int) -> float | None:
        """Return when the first packet from the port passed at or after the time."""
        for packet in self.packets:
            if packet.source_port == source_port and packet.at >= at:
                return packet.at
        return None

    def _read(self) -> None:
        while not self._ended.is_set():
            try:
                frame, told, _, _ = self._socket.recvmsg(HEAD_BYTES, 64)
            except TimeoutError:
                continue
            source_port = media_source(frame)
            if source_port is not None and told:
                seconds, nanos = struct.unpack("qq", told[0][2][:16])
                self.packets.append(MediaPacket(seconds + nanos / 1e9, source_port))


def media_source(frame: bytes) -> int | None:
    """Return the source port of an RTP packet with content, None for all else."""
    ip = frame[ETHERNET_BYTES:]
    if len(ip) < 20 or ip[0] >> 4 != 4 or ip[9] != PROTOCOL_UDP:
        return None
    udp = ip[(ip[0] & 0x0F) * 4 :]
    if len(udp) < UDP_BYTES + 2:
        return None
    source_port, _, udp_bytes = struct.unpack_from(">3H", udp)
    first, second = udp[UDP_BYTES], udp[UDP_BYTES + 1]
    if first >> 6 != RTP_VERSION or second in RTCP_TYPES:
        return None
    return source_port if udp_bytes - UDP_BYTES >= LEAST_RTP_BYTES else None
