# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which packets on the network are media that carries something."""

import struct

import pytest

from measure.rtp_watch import media_source

RTP, RTCP, STUN = b"\x80\x6c", b"\x80\xc8", b"\x00\x01"
TCP, UDP = 6, 17


def frame(start: bytes, size: int, *, protocol: int = UDP, options: int = 0) -> bytes:
    """Return the head of an Ethernet frame from port 4002 with a payload of that size."""
    words = 5 + options
    ip = (
        bytes([0x40 + words]) + b"\0" * 8 + bytes([protocol]) + b"\0" * (words * 4 - 10)
    )
    udp = struct.pack(">4H", 4002, 10000, 8 + size, 0)
    return b"\0" * 14 + ip + udp + (start + b"\0" * size)[:size]


@pytest.mark.parametrize(
    ("packet", "source"),
    [
        pytest.param(frame(RTP, 400), 4002, id="a picture"),
        pytest.param(frame(RTP, 400, options=2), 4002, id="with IP options"),
        pytest.param(frame(RTP, 400)[:128], 4002, id="of which only the head was read"),
        pytest.param(frame(RTP, 12), None, id="an empty keep-alive"),
        pytest.param(frame(RTCP, 400), None, id="a report"),
        pytest.param(frame(STUN, 400), None, id="STUN"),
        pytest.param(frame(RTP, 400, protocol=TCP), None, id="TCP"),
        pytest.param(frame(RTP, 400)[:20], None, id="half a header"),
        pytest.param(b"", None, id="nothing"),
    ],
)
def test_only_rtp_with_content_counts(packet: bytes, source: int | None) -> None:
    """A keep-alive before the first picture is no picture."""
    assert media_source(packet) == source
