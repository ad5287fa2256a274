# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reads SIP messages with their times from the capture that Asterisk writes. Pure.

Asterisk's own capture (`pjsip set logger pcap`) is taken inside Asterisk, where TLS is
already off, with microseconds of the wall clock: the same instrument for every peer.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

# File format: https://www.tcpdump.org/manpages/pcap-savefile.5.txt
MAGIC_MICROSECONDS = 0xA1B2C3D4
FILE_HEADER_BYTES = 24
RECORD_HEADER_BYTES = 16
ETHERNET_BYTES = 14
UDP_BYTES = 8
ETHERTYPE_IPV6 = 0x86DD
IPV6_BYTES = 40
# The dispatcher gives each INVITE the appointment's id, and so does the bench.
APPOINTMENT_HEADER = "x-guichet-appointment"


class CaptureError(Exception):
    """The file is no capture, or it ends in the middle of a message."""


@dataclass(frozen=True)
class SipMessage:
    """A message as it passed Asterisk; `at` is seconds since 1970."""

    at: float
    start_line: str
    headers: dict[str, str]
    body: str = ""

    @property
    def method(self) -> str:
        """Give the method of a request, or of the request that a response answers."""
        return self.headers.get("cseq", " ").split(" ")[-1]

    @property
    def status(self) -> int | None:
        """Give the response's code; None for a request."""
        found = re.match(r"SIP/2\.0 (\d{3})", self.start_line)
        return int(found.group(1)) if found else None

    @property
    def call_id(self) -> str:
        """Give the Call-ID that ties a request to its responses."""
        return self.headers.get("call-id", "")


def parse_capture(content: bytes) -> list[SipMessage]:
    """Return the SIP messages of a capture, oldest first.

    What is not SIP (a keep-alive) is left out. Raise CaptureError where the file is not
    one of Asterisk's.
    """
    messages = [_parse_sip(at, body) for at, body in _payloads(content)]
    return [message for message in messages if message is not None]


def first_invites(messages: list[SipMessage]) -> dict[str, SipMessage]:
    """Return the first INVITE of each appointment, by the appointment's id."""
    found: dict[str, SipMessage] = {}
    for message in messages:
        appointment = message.headers.get(APPOINTMENT_HEADER)
        if message.status is None and message.method == "INVITE" and appointment:
            found.setdefault(appointment, message)
    return found


def answers(messages: list[SipMessage]) -> dict[str, SipMessage]:
    """Return the first 200 to an INVITE of each call, by Call-ID."""
    found: dict[str, SipMessage] = {}
    for message in messages:
        if message.status == 200 and message.method == "INVITE":
            found.setdefault(message.call_id, message)
    return found


def calls_by_appointment(messages: list[SipMessage]) -> dict[str, set[str]]:
    """Return the Call-IDs of the INVITEs of each appointment: more than one is a double."""
    found: dict[str, set[str]] = {}
    for message in messages:
        appointment = message.headers.get(APPOINTMENT_HEADER)
        if message.status is None and message.method == "INVITE" and appointment:
            found.setdefault(appointment, set()).add(message.call_id)
    return found


def _payloads(content: bytes) -> Iterator[tuple[float, bytes]]:
    if len(content) < FILE_HEADER_BYTES:
        raise CaptureError("the capture is empty")
    order = "<" if struct.unpack_from("<I", content)[0] == MAGIC_MICROSECONDS else ">"
    if struct.unpack_from(f"{order}I", content)[0] != MAGIC_MICROSECONDS:
        raise CaptureError("the file is no capture with microseconds")
    position = FILE_HEADER_BYTES
    while position < len(content):
        if position + RECORD_HEADER_BYTES > len(content):
            raise CaptureError("the capture ends in the middle of a header")
        seconds, micros, kept, _ = struct.unpack_from(f"{order}4I", content, position)
        start = position + RECORD_HEADER_BYTES
        position = start + kept
        if position > len(content):
            raise CaptureError("the capture ends in the middle of a message")
        yield seconds + micros / 1e6, _without_frames(content[start:position])


def _without_frames(frame: bytes) -> bytes:
    """Cut off the Ethernet, IP and UDP headers that Asterisk makes up."""
    (kind,) = struct.unpack_from(">H", frame, ETHERNET_BYTES - 2)
    if kind == ETHERTYPE_IPV6:
        ip_bytes = IPV6_BYTES
    else:
        ip_bytes = (frame[ETHERNET_BYTES] & 0x0F) * 4
    return frame[ETHERNET_BYTES + ip_bytes + UDP_BYTES :]


def _parse_sip(at: float, body: bytes) -> SipMessage | None:
    head, _, content = body.decode("utf-8", "replace").partition("\r\n\r\n")
    start_line, *lines = head.split("\r\n")
    if "SIP/2.0" not in start_line:
        return None
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers.setdefault(name.strip().lower(), value.strip())
    return SipMessage(at, start_line, headers, content)
