# SPDX-License-Identifier: AGPL-3.0-or-later
"""Times and messages in a capture such as Asterisk writes it."""

import struct

import pytest

from measure.call_answer import answer_times
from measure.sip_capture import (
    CaptureError,
    answers,
    calls_by_appointment,
    first_invites,
    parse_capture,
)

HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)


def record(seconds: int, micros: int, body: str, *, ipv6: bool = False) -> bytes:
    """Return one message in the frames that Asterisk makes up around it."""
    if ipv6:
        ethernet, ip = b"\0" * 12 + b"\x86\xdd", b"\x60" + b"\0" * 39
    else:
        ethernet, ip = b"\0" * 12 + b"\x08\x00", b"\x45" + b"\0" * 19
    frame = ethernet + ip + b"\0" * 8 + body.encode()
    return struct.pack("<4I", seconds, micros, len(frame), len(frame)) + frame


def invite(call_id: str, appointment: str) -> str:
    """Return an INVITE as the dispatcher has it sent."""
    return (
        "INVITE sip:kiosk@10.9.9.1:5062;transport=TLS SIP/2.0\r\n"
        f"Call-ID: {call_id}\r\nCSeq: 11 INVITE\r\n"
        f"X-Guichet-Appointment: {appointment}\r\n\r\nv=0\r\n"
    )


def response(call_id: str, status: str, cseq: str = "11 INVITE") -> str:
    """Return a response in the call."""
    return f"SIP/2.0 {status}\r\nCall-ID: {call_id}\r\nCSeq: {cseq}\r\n\r\n"


def test_the_time_from_invite_to_ok_is_read_to_the_microsecond() -> None:
    """Ringing, the OK to another request and a repeated OK do not count."""
    messages = parse_capture(
        HEADER
        + record(100, 999_000, invite("a", "7"))
        + record(100, 999_500, response("a", "180 Ringing"))
        + record(101, 1_000, response("a", "200 OK", "12 OPTIONS"))
        + record(101, 4_250, response("a", "200 Answering"))
        + record(101, 500_000, response("a", "200 Answering"))
    )
    assert answer_times(messages) == pytest.approx({"7": 5.25}, abs=0.001)


def test_an_unanswered_call_has_no_answer_time() -> None:
    """It is missing rather than zero."""
    messages = parse_capture(
        HEADER
        + record(1, 0, invite("a", "7"))
        + record(1, 9, response("a", "486 Busy Here"))
    )
    assert answer_times(messages) == {}
    assert answers(messages) == {}


def test_a_repeated_invite_is_one_call_and_a_second_call_id_is_two() -> None:
    """A retransmission is no double; a second call of an appointment is one."""
    messages = parse_capture(
        HEADER
        + record(1, 0, invite("a", "7"))
        + record(1, 500, invite("a", "7"))
        + record(2, 0, invite("b", "8"))
        + record(3, 0, invite("c", "8"))
    )
    assert calls_by_appointment(messages) == {"7": {"a"}, "8": {"b", "c"}}
    assert first_invites(messages)["7"].at == pytest.approx(1.0)
    assert first_invites(messages)["8"].call_id == "b"


def test_what_is_not_sip_is_left_out() -> None:
    """A keep-alive is two line ends."""
    messages = parse_capture(
        HEADER + record(1, 0, "\r\n\r\n") + record(2, 0, response("a", "200 OK"))
    )
    assert [message.status for message in messages] == [200]
    assert messages[0].method == "INVITE"


def test_a_capture_over_ipv6_is_read_too() -> None:
    """The made-up headers are longer there."""
    (message,) = parse_capture(HEADER + record(1, 0, invite("a", "7"), ipv6=True))
    assert message.start_line.startswith("INVITE sip:kiosk@")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 40,
        HEADER + b"\0" * 3,
        HEADER + record(1, 0, invite("a", "7"))[:-5],
    ],
    ids=["empty", "no capture", "cut header", "cut message"],
)
def test_a_broken_capture_is_an_error(content: bytes) -> None:
    """Half a capture would give figures of half the calls."""
    with pytest.raises(CaptureError):
        parse_capture(content)
