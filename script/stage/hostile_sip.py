# SPDX-License-Identifier: AGPL-3.0-or-later
"""A peer that writes lines of its own wherever SIP (RFC 3261) lets it write.

It signs in once as an account, then sends requests by the hundred without waiting for
their answers: the nonce of a challenge holds for half a minute.
"""

import hashlib
import itertools
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from stage.sip_probe import SipProbe

# What no line of a log and no line of AMI may begin with.
MARK = "Forged"
LINES = (
    f"{MARK}: yes",
    f"{MARK}[1]: ERROR[2] chan_pjsip.c: all is lost",
    "Event: Hangup",
    "Privilege: call,all",
    "Uniqueid: gv-1-1",
    "Linkedid: gv-1-1",
    "Cause: 16",
    f"{MARK}: again",
)
BREAKS = ("\r\n", "\n", "\r", "\r\n\r\n", "\x0b", "\x85", "\u2028", "\x00\r\n")
METHODS = ("INVITE", "MESSAGE", "REGISTER", "OPTIONS")
# A stream is asked after so many requests whether it still lives.
BATCH = 20


@dataclass(frozen=True)
class Request:
    """The parts of a request, each as it goes on the wire."""

    method: str
    target: str
    from_name: str = ""
    from_user: str = ""
    to: str = ""
    contact: str = ""
    call_id: str = ""
    via: str = ""
    username: str = ""
    headers: tuple[str, ...] = ()
    without: str = ""
    body: str = ""
    kind: str = "text/plain"


Place = Callable[[Request, str], Request]


def hostile_requests(user: str, target: str) -> Iterator[Request]:
    """Give requests for ever: each method, each place, each kind of line break."""
    for line_break, (place, method) in itertools.cycle(
        itertools.product(BREAKS, itertools.product(PLACES, METHODS))
    ):
        lines = line_break + line_break.join(LINES) + line_break * 2
        plain = Request(method, target, from_user=user, username=user)
        yield place(plain, lines)


@dataclass
class HostilePeer:
    """An account's connection over `tls`, `tcp` or `udp`; reconnects when it is cut off."""

    transport: str
    port: int
    user: str
    secret: str
    ca_file: Path | None = None
    algorithm: str = "SHA-256"
    answered: set[int] = field(default_factory=set)

    def attack(self, count: int, target: str) -> None:
        """Send `count` hostile requests; returns once the server has had them all."""
        requests = itertools.islice(hostile_requests(self.user, target), count)
        while batch := list(itertools.islice(requests, BATCH)):
            while batch:
                with SipProbe(self.transport, self.port, self.ca_file) as probe:
                    batch = self._send(probe, batch)

    def _send(self, probe: SipProbe, batch: list[Request]) -> list[Request]:
        """Send them, and give those for which another connection is needed."""
        challenge = self._challenge(probe)
        for position, request in enumerate(batch, 1):
            wire = self._wire(probe, request, challenge)
            try:
                probe.send(wire)
            except ConnectionError:
                return batch[position:]
            if self.transport != "udp" and not _ends_where_it_says(wire, request):
                # What follows on this stream would be read as the rest of it.
                return batch[position:]
        self._challenge(probe)
        return []

    def _challenge(self, probe: SipProbe) -> dict[str, str]:
        call_id = secrets.token_hex(8)
        asked = Request("REGISTER", self.user, from_user=self.user, call_id=call_id)
        probe.send(self._wire(probe, asked, {}))
        while heard := probe.receive(10):
            head = heard[0]
            if found := re.match(r"SIP/2\.0 (\d+)", head):
                self.answered.add(int(found[1]))
            if call_id in head and (told := re.search(r"(?im)^www-auth.*$", head)):
                return dict(re.findall(r'(\w+)="?([^",]+)"?', told[0]))
        raise TimeoutError("the server says nothing")

    def _wire(
        self, probe: SipProbe, request: Request, challenge: dict[str, str]
    ) -> bytes:
        host = f"127.0.0.1:{self.port}"
        body = request.body
        lines = {
            "Via": request.via
            or f"SIP/2.0/{self.transport.upper()} {probe.address};rport"
            f";branch=z9hG4bK{secrets.token_hex(8)}",
            "Max-Forwards": "70",
            "From": f"{request.from_name}<sip:{request.from_user}@{host}>;tag=1",
            "To": request.to or f"<sip:{request.target}@{host}>",
            "Call-ID": request.call_id or secrets.token_hex(8),
            "CSeq": f"1 {request.method}",
            "Contact": request.contact or f"<sip:{self.user}@{probe.address}>",
            "Expires": "60",
        }
        if challenge and request.username:
            lines["Authorization"] = self._authorization(request, challenge)
        if body:
            lines["Content-Type"] = request.kind
        lines["Content-Length"] = str(len(body.encode()))
        lines.pop(request.without, None)
        head = [f"{request.method} sip:{request.target}@{host} SIP/2.0"]
        head += [f"{name}: {value}" for name, value in lines.items()]
        head += request.headers
        return ("\r\n".join(head) + "\r\n\r\n" + body).encode()

    def _authorization(self, request: Request, challenge: dict[str, str]) -> str:
        def digest(text: str) -> str:
            name = self.algorithm.replace("-", "").lower()
            return hashlib.new(name, text.encode()).hexdigest()

        # The server checks the digest over this address, not that it is the request's.
        uri = f"sip:127.0.0.1:{self.port}"
        realm, nonce = challenge["realm"], challenge["nonce"]
        identity = digest(f"{self.user}:{realm}:{self.secret}")
        asked = digest(f"{request.method}:{uri}")
        answer = digest(f"{identity}:{nonce}:00000001:0a4f:auth:{asked}")
        return (
            f'Digest username="{request.username}", realm="{realm}", nonce="{nonce}",'
            f' uri="{uri}", algorithm={self.algorithm}, qop=auth, nc=00000001,'
            f' cnonce="0a4f", opaque="{challenge.get("opaque", "")}",'
            f' response="{answer}"'
        )


def _ends_where_it_says(wire: bytes, request: Request) -> bool:
    head, _, body = wire.partition(b"\r\n\r\n")
    return body == request.body.encode()


def escaped(text: str) -> str:
    """Escape a text for a URI's user part, every byte of it."""
    return "".join(f"%{byte:02X}" for byte in text.encode())


def _folded(text: str) -> str:
    # Line breaks that RFC 3261 allows within a header: each followed by a space.
    return re.sub(r"(\r\n|\n|\r)+", "\r\n ", text)


def _in_header(name: str) -> Place:
    def put(request: Request, text: str) -> Request:
        return replace(request, headers=(f"{name}: {_folded(text)}",))

    return put


def _raw_header(name: str) -> Place:
    def put(request: Request, text: str) -> Request:
        # One break that ends no header block, so that the rest is still read.
        return replace(request, headers=(f"{name}: {text.lstrip()[:60]}",))

    return put


PLACES: tuple[Place, ...] = (
    lambda r, t: replace(r, target=f"kiosk-{escaped(t)}"),
    lambda r, t: replace(r, target=f"kiosk-wassigny{escaped(t)}"),
    lambda r, t: replace(r, target=escaped(t)),
    lambda r, t: replace(r, from_user=escaped(t)),
    lambda r, t: replace(r, from_user=r.from_user + escaped(t)),
    lambda r, t: replace(r, from_name=f'"{t}" '),
    lambda r, t: replace(r, from_name=f'"{_folded(t)}" '),
    lambda r, t: replace(r, to=f'"{t}" <sip:{r.target}@127.0.0.1>'),
    lambda r, t: replace(r, to=f"<sip:{escaped(t)}@127.0.0.1>"),
    lambda r, t: replace(r, contact=f"<sip:{escaped(t)}@127.0.0.1:9>"),
    lambda r, t: replace(r, contact=f'"{t}" <sip:x@127.0.0.1:9;p="{t}">'),
    lambda r, t: replace(r, call_id=f'"{_folded(t)}"'),
    lambda r, t: replace(r, via=f"SIP/2.0/UDP 127.0.0.1:9;branch={escaped(t)}"),
    lambda r, t: replace(r, username=escaped(t)),
    lambda r, t: replace(r, username=t),
    lambda r, t: replace(r, without="To", headers=(f"X-To: {_folded(t)}",)),
    lambda r, t: replace(r, without="CSeq", headers=(f"Subject: {t[:40]}",)),
    lambda r, t: replace(r, without="Call-ID", body=t),
    lambda r, t: replace(r, body=t, headers=("Content-Type: application/sdp",)),
    lambda r, t: replace(r, body=f"v=0\r\ns={t}\r\n", kind="application/sdp"),
    _in_header("User-Agent"),
    _in_header("Subject"),
    _in_header("P-Asserted-Identity"),
    _in_header("Remote-Party-ID"),
    _in_header("Reason"),
    _in_header("Diversion"),
    _raw_header("User-Agent"),
    _raw_header("X-Guichet-Appointment"),
)
