# SPDX-License-Identifier: AGPL-3.0-or-later
"""A bare SIP client (RFC 3261) for what no honest telephone sends: wrong secrets, calls to
nowhere, plain transports. It sends one request and gives the final answer.
"""

import hashlib
import re
import secrets
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from stage.waiting import PATIENCE

# A loaded machine may take its time to answer.
ANSWER_SECONDS = 20.0 * PATIENCE
# Who has said nothing for so long has said all.
QUIET_SECONDS = 0.05
DIGESTS = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}
AUDIO_OFFER = """v=0
o=probe 1 1 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio 40000 {profile} 0
a=rtpmap:0 PCMU/8000
"""
CRYPTO = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{key}\n"


@dataclass(frozen=True)
class Answer:
    """A final response."""

    code: int
    headers: dict[str, str]

    def __str__(self) -> str:
        return f"{self.code} {self.headers}"


class SipProbe:
    """One connection to the server over `tls`, `tcp` or `udp`."""

    def __init__(self, transport: str, port: int, ca_file: Path | None = None) -> None:
        self._transport = transport
        kind = socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM
        connection = socket.socket(socket.AF_INET, kind)
        connection.settimeout(ANSWER_SECONDS)
        connection.connect(("127.0.0.1", port))
        if transport == "tls":
            context = ssl.create_default_context(cafile=ca_file)
            connection = context.wrap_socket(connection, server_hostname="127.0.0.1")
        self._socket = connection
        self._port = port
        self._received = b""
        self._registered = ""
        self._contact = ""

    def register(
        self,
        user: str,
        secret: str,
        algorithm: str = "SHA-256",
        address_of: str = "",
        contact: str = "",
    ) -> Answer:
        """Register for a minute, answering one challenge.

        `address_of` is whose address it is to be, and `contact` where that is, if not one's own.
        """
        uri = f"sip:127.0.0.1:{self._port}"
        self._registered, self._contact = address_of, contact
        return self._request("REGISTER", uri, user, secret, algorithm)

    def invite(
        self,
        target: str,
        user: str,
        secret: str = "",
        *,
        encrypted: bool = True,
        algorithm: str = "SHA-256",
    ) -> Answer:
        """Offer an audio call to `target`, answering one challenge."""
        offer = AUDIO_OFFER.format(profile="RTP/SAVP" if encrypted else "RTP/AVP")
        if encrypted:
            offer += CRYPTO.format(key="A" * 40)
        uri = f"sip:{target}@127.0.0.1:{self._port}"
        return self._request("INVITE", uri, user, secret, algorithm, offer)

    def message(self, target: str, user: str, secret: str) -> Answer:
        """Send a MESSAGE outside any call, answering one challenge."""
        uri = f"sip:{target}@127.0.0.1:{self._port}"
        return self._request("MESSAGE", uri, user, secret, "SHA-256", "bonjour")

    @property
    def address(self) -> str:
        """Give this end's address, host:port."""
        host, port = self._socket.getsockname()[:2]
        return f"{host}:{port}"

    def send(self, message: bytes) -> None:
        """Send a message as it is, whatever it is."""
        self._socket.sendall(message)

    def receive(self, seconds: float) -> tuple[str, bytes] | None:
        """Give head and body of the next message; None when none comes in time."""
        self._socket.settimeout(seconds)
        try:
            return self._read_message()
        except TimeoutError:
            return None
        finally:
            self._socket.settimeout(ANSWER_SECONDS)

    def hears_nothing(self, seconds: float = 0.5) -> bool:
        """Tell whether the server sends nothing for this long."""
        self._socket.settimeout(seconds)
        try:
            return not self._socket.recv(65536)
        except TimeoutError:
            return True
        finally:
            self._socket.settimeout(ANSWER_SECONDS)

    def close(self) -> None:
        """End the connection; over a stream the server is heard out first.

        Asterisk's pjproject 2.17 can fall where many hang up with answers unread: see
        docs/security.md.
        """
        if self._transport != "udp":
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_WR)
                self._socket.settimeout(QUIET_SECONDS)
                while self._socket.recv(65536):
                    pass
        self._socket.close()

    def __enter__(self) -> "SipProbe":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _request(
        self,
        method: str,
        uri: str,
        user: str,
        secret: str,
        algorithm: str,
        body: str = "",
    ) -> Answer:
        call_id, tag = secrets.token_hex(8), secrets.token_hex(4)
        authorization = ""
        for number in (1, 2):
            self._send(method, uri, user, call_id, tag, number, authorization, body)
            answer = self._final(call_id, number)
            if method == "INVITE" and answer.code >= 300:
                self._acknowledge(uri, user, call_id, tag, number, answer)
            if answer.code != 401 or number == 2 or not secret:
                return answer
            challenge = answer.headers["www-authenticate"]
            authorization = _authorize(challenge, method, uri, user, secret, algorithm)
        raise AssertionError("unreachable")

    def _send(
        self,
        method: str,
        uri: str,
        user: str,
        call_id: str,
        tag: str,
        number: int,
        authorization: str,
        body: str,
    ) -> None:
        address, port = self._socket.getsockname()[:2]
        content = body.replace("\n", "\r\n")
        kind = {"INVITE": "application/sdp", "MESSAGE": "text/plain"}.get(method)
        registered = f"sip:{self._registered or user}@127.0.0.1"
        recipient = registered if method == "REGISTER" else uri
        own = f"sip:{user}@{address}:{port};transport={self._transport}"
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/{self._transport.upper()} {address}:{port}"
            f";rport;branch=z9hG4bK{call_id}{number}",
            "Max-Forwards: 70",
            f"From: <sip:{user}@127.0.0.1>;tag={tag}",
            f"To: <{recipient}>",
            f"Call-ID: {call_id}",
            f"CSeq: {number} {method}",
            f"Contact: <{self._contact or own}>",
        ]
        if method == "REGISTER":
            lines.append("Expires: 60")
        if authorization:
            lines.append(f"Authorization: {authorization}")
        if kind:
            lines.append(f"Content-Type: {kind}")
        lines += [f"Content-Length: {len(content)}", "", content]
        self._socket.sendall("\r\n".join(lines).encode())

    def _acknowledge(
        self, uri: str, user: str, call_id: str, tag: str, number: int, answer: Answer
    ) -> None:
        address, port = self._socket.getsockname()[:2]
        lines = [
            f"ACK {uri} SIP/2.0",
            f"Via: SIP/2.0/{self._transport.upper()} {address}:{port}"
            f";rport;branch=z9hG4bK{call_id}{number}",
            "Max-Forwards: 70",
            f"From: <sip:{user}@127.0.0.1>;tag={tag}",
            f"To: {answer.headers['to']}",
            f"Call-ID: {call_id}",
            f"CSeq: {number} ACK",
            "Content-Length: 0",
            "",
            "",
        ]
        self._socket.sendall("\r\n".join(lines).encode())

    def _final(self, call_id: str, number: int) -> Answer:
        while True:
            start, headers = self._read_response()
            code = int(start.split()[1])
            is_ours = headers.get("call-id") == call_id
            is_last = headers.get("cseq", "").split()[:1] == [str(number)]
            if is_ours and is_last and code >= 200:
                return Answer(code, headers)

    def _read_response(self) -> tuple[str, dict[str, str]]:
        while True:
            head, body = self._read_message()
            start, *rest = head.split("\r\n")
            if start.startswith("SIP/2.0 "):
                pairs = (line.partition(":") for line in rest)
                return start, {k.strip().lower(): v.strip() for k, _, v in pairs}
            # A request of the server's own (OPTIONS, NOTIFY) is of no interest here.

    def _read_message(self) -> tuple[str, bytes]:
        while b"\r\n\r\n" not in self._received:
            self._receive()
        head, _, rest = self._received.partition(b"\r\n\r\n")
        text = head.decode(errors="replace").lstrip("\r\n")
        length = re.search(r"(?im)^(?:content-length|l)\s*:\s*(\d+)", text)
        size = int(length[1]) if length else 0
        while len(rest) < size:
            self._receive()
            rest = self._received.partition(b"\r\n\r\n")[2]
        self._received = rest[size:]
        return text, rest[:size]

    def _receive(self) -> None:
        chunk = self._socket.recv(65536)
        if not chunk:
            raise ConnectionError("the server closed the connection")
        self._received += chunk


def _authorize(
    challenge: str, method: str, uri: str, user: str, secret: str, algorithm: str
) -> str:
    """Answer a digest challenge (RFC 7616, with qop=auth where it is offered)."""
    told = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge))

    def digest(text: str) -> str:
        return DIGESTS[algorithm](text.encode()).hexdigest()

    identity = digest(f"{user}:{told['realm']}:{secret}")
    request = digest(f"{method}:{uri}")
    fields = (
        f'Digest username="{user}", realm="{told["realm"]}", nonce="{told["nonce"]}",'
        f' uri="{uri}", algorithm={algorithm}'
    )
    if "opaque" in told:
        fields += f', opaque="{told["opaque"]}"'
    if "qop" not in told:
        answer = digest(f"{identity}:{told['nonce']}:{request}")
        return f'{fields}, response="{answer}"'
    count, client = "00000001", secrets.token_hex(8)
    answer = digest(f"{identity}:{told['nonce']}:{count}:{client}:auth:{request}")
    return f'{fields}, qop=auth, nc={count}, cnonce="{client}", response="{answer}"'
