# SPDX-License-Identifier: AGPL-3.0-or-later
"""An operator's SIP trunk (RFC 3261) over TLS, and the telephones that it reaches.

It takes calls of who signs in, by MD5 as operators do, and does with each what `outside` says.
"""

import hashlib
import re
import secrets
import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from queue import SimpleQueue

from stage.outside_sound import OutsideSound
from stage.stack import Stage

REALM = "operator.example"
USER, SECRET, SHOWN = "0323000000", "a;secret=>kept", "0323000001"
COSTLY = "0899701239"
_ANSWER = """v=0
o=- 1 1 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio {port} RTP/AVP 8
a=rtpmap:8 PCMA/8000
a=sendrecv
"""


def add_operator_line(stage: Stage) -> None:
    """Give a stage's site a line at an operator of this machine, as IT does."""
    secret = stage.directory / "operator.secret"
    secret.write_text(SECRET)
    stage.provision(
        *("trunk", "add", "127.0.0.1"),
        *("--site", str(stage.directory)),
        *("--port", str(stage.ports.spare[1])),
        *("--local-port", str(stage.ports.spare[2])),
        *("--bind", "127.0.0.1"),
        *("--user", USER),
        *("--secret-file", str(secret)),
        *("--authorities", str(stage.directory / "tls" / "ca.pem")),
        *("--caller-number", SHOWN),
    )


def operator_line(stage: Stage, tone_hz: int = 1900) -> "OperatorLine":
    """Give the operator of such a stage; who picks up says this tone."""
    port, tls = stage.ports.spare[1], stage.directory / "tls"
    return OperatorLine(port, tls, USER, SECRET, tone_hz)


class Outside(StrEnum):
    """What a telephone outside does when it is called."""

    PICKS_UP = "picks up"
    RINGS = "rings"
    IS_BUSY = "is busy"
    # As the operator itself finds, after a while of its own.
    DOES_NOT_ANSWER = "does not answer"
    DOES_NOT_EXIST = "does not exist"
    # To a number that costs, and the operator tells so (302).
    SENDS_ELSEWHERE = "sends the call elsewhere"


_REFUSALS = {
    Outside.IS_BUSY: "486 Busy Here",
    Outside.DOES_NOT_ANSWER: "480 Temporarily Unavailable",
    Outside.SENDS_ELSEWHERE: "302 Moved Temporarily",
}


@dataclass
class OutsideCall:
    """A call that the operator took."""

    number: str
    shown: str
    # The INVITE, and whose end of it is ours.
    invite: "Message"
    sound: OutsideSound
    tag: str
    is_up: bool = False
    is_over: bool = False


@dataclass(frozen=True)
class Message:
    """A request or response: its first line, its header lines, its body."""

    start: str
    lines: tuple[str, ...]
    body: str

    def header(self, name: str) -> str:
        """Give a header's value, empty where there is none."""
        found = (line.partition(":") for line in self.lines)
        return next((v.strip() for k, _, v in found if k.lower() == name), "")

    def copied(self, tag: str) -> list[str]:
        """Give the lines that a response repeats."""
        names = ("via", "from", "to", "call-id", "cseq")
        kept = [x for x in self.lines if x.partition(":")[0].lower() in names]
        return [
            f"{x};tag={tag}" if x.lower().startswith("to:") and "tag=" not in x else x
            for x in kept
        ]


class OperatorLine:
    """Listens on `port` with the site's own certificate; a context manager."""

    def __init__(self, port: int, tls: Path, user: str, secret: str, tone_hz: int):
        self.outside = Outside.PICKS_UP
        self.calls: list[OutsideCall] = []
        # What was asked of it by who did not sign in.
        self.challenged = 0
        self._port, self._user, self._secret = port, user, secret
        self._tone_hz = tone_hz
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls / "server.pem", tls / "server.key")
        listening = socket.create_server(("127.0.0.1", port))
        listening.settimeout(0.2)
        self._listening = context.wrap_socket(listening, server_side=True)
        self._connection: ssl.SSLSocket | None = None
        self._hang_ups: SimpleQueue[OutsideCall] = SimpleQueue()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def call(self) -> OutsideCall:
        """Give the last call."""
        return self.calls[-1]

    def hang_up(self) -> None:
        """Have who was called hang up."""
        # The one thread that reads the connection also writes it.
        self._hang_ups.put(self.call)

    def __enter__(self) -> "OperatorLine":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()
        self._listening.close()
        for call in self.calls:
            self._end(call)

    def _serve(self) -> None:
        while not self._is_over.is_set():
            try:
                self._connection, _ = self._listening.accept()
            except (TimeoutError, OSError):
                continue
            self._connection.settimeout(0.2)
            with suppress(ConnectionError, ssl.SSLError):
                self._read(self._connection)
            self._connection.close()

    def _read(self, connection: ssl.SSLSocket) -> None:
        received = b""
        while not self._is_over.is_set():
            received = received.lstrip(b"\r\n")
            head, end, rest = received.partition(b"\r\n\r\n")
            size = re.search(rb"(?im)^(?:content-length|l)\s*:\s*(\d+)", head)
            length = int(size[1]) if size else 0
            if end and len(rest) >= length:
                received = rest[length:]
                start, *lines = head.decode().split("\r\n")
                self._take(Message(start, tuple(lines), rest[:length].decode()))
                continue
            while not self._hang_ups.empty():
                self._bye(self._hang_ups.get())
            with suppress(TimeoutError):
                chunk = connection.recv(65536)
                if not chunk:
                    return
                received += chunk

    def _take(self, message: Message) -> None:
        method = message.start.split()[0]
        if method == "INVITE":
            self._invited(message)
        elif method == "BYE":
            self._respond(message, "200 OK")
            self._end(self.call)
        elif method == "CANCEL":
            self._respond(message, "200 OK")
            self._respond(self.call.invite, "487 Request Terminated", self.call.tag)
            self._end(self.call)
        elif method not in ("ACK", "SIP/2.0"):
            self._respond(message, "200 OK")

    def _invited(self, invite: Message) -> None:
        if "tag=" in invite.header("to"):
            body = _ANSWER.format(port=self.call.sound.port)
            self._respond(invite, "200 OK", self.call.tag, body)
            return
        if not self._is_signed(invite):
            self.challenged += 1
            challenge = f'WWW-Authenticate: Digest realm="{REALM}", nonce="n1",'
            challenge += ' qop="auth", algorithm=MD5'
            self._respond(invite, "401 Unauthorized", extra=challenge)
            return
        number = re.match(r"INVITE sip:([^@;]+)@", invite.start)
        assert number is not None, invite.start
        sound, tag = OutsideSound(self._tone_hz), secrets.token_hex(4)
        shown = invite.header("p-asserted-identity") or invite.header("from")
        call = OutsideCall(number[1], shown, invite, sound, tag)
        self.calls.append(call)
        if self.outside is Outside.DOES_NOT_EXIST:
            self._respond(invite, "404 Not Found", tag)
            self._end(call)
            return
        self._respond(invite, "180 Ringing", tag)
        if refusal := _REFUSALS.get(self.outside):
            self._respond(invite, refusal, tag)
            self._end(call)
        elif self.outside is Outside.PICKS_UP:
            media = re.search(r"(?m)^m=audio (\d+)", invite.body)
            assert media is not None, invite.body
            sound.say("127.0.0.1", int(media[1]))
            self._respond(invite, "200 OK", tag, _ANSWER.format(port=sound.port))
            call.is_up = True

    def _bye(self, call: OutsideCall) -> None:
        target = re.search(r"<([^>]+)>", call.invite.header("contact"))
        assert target is not None
        ours, theirs = call.invite.header("to"), call.invite.header("from")
        self._send(
            f"BYE {target[1]} SIP/2.0",
            [
                f"Via: SIP/2.0/TLS 127.0.0.1:{self._port};branch=z9hG4bK{secrets.token_hex(6)}",
                "Max-Forwards: 70",
                f"From: {ours};tag={call.tag}",
                f"To: {theirs}",
                f"Call-ID: {call.invite.header('call-id')}",
                "CSeq: 1 BYE",
            ],
        )
        self._end(call)

    def _is_signed(self, invite: Message) -> bool:
        told = dict(re.findall(r'(\w+)="?([^",]+)"?', invite.header("authorization")))
        if told.get("username") != self._user:
            return False

        def digest(text: str) -> str:
            return hashlib.md5(text.encode()).hexdigest()

        identity = digest(f"{self._user}:{REALM}:{self._secret}")
        request = digest(f"INVITE:{told['uri']}")
        middle = f"n1:{told['nc']}:{told['cnonce']}:auth"
        return bool(told["response"] == digest(f"{identity}:{middle}:{request}"))

    def _end(self, call: OutsideCall) -> None:
        if not call.is_over:
            call.is_over, call.is_up = True, False
            call.sound.close()

    def _respond(
        self,
        request: Message,
        status: str,
        tag: str = "line",
        body: str = "",
        extra: str = "",
    ) -> None:
        whose = COSTLY if status.startswith("302 ") else "line"
        contact = f"Contact: <sip:{whose}@127.0.0.1:{self._port};transport=tls>"
        lines = [*request.copied(tag), contact, *filter(None, [extra])]
        self._send(f"SIP/2.0 {status}", lines, body)

    def _send(self, start: str, lines: list[str], body: str = "") -> None:
        content = body.replace("\n", "\r\n").encode()
        kind = ["Content-Type: application/sdp"] if content else []
        head = [start, *lines, *kind, f"Content-Length: {len(content)}", "", ""]
        assert self._connection is not None
        self._connection.sendall("\r\n".join(head).encode() + content)
