# SPDX-License-Identifier: AGPL-3.0-or-later
"""A call of a bare SIP client, in which it sends requests that no honest telephone sends."""

import re
import secrets
import time

from stage.sip_probe import SipProbe
from stage.waiting import PATIENCE_SECONDS, NotInTime

RELAY = "application/dtmf-relay"


class ProbeCall:
    """A call that `probe` has up; it answers what is asked in the call with 200."""

    def __init__(self, probe: SipProbe, target: str, user: str, secret: str) -> None:
        self._probe = probe
        answer = probe.invite(target, user, secret)
        if answer.code != 200:
            raise RuntimeError(f"{target} did not answer: {answer}")
        self.headers = answer.headers
        contact = re.search(r"<([^>]+)>", answer.headers["contact"])
        self._remote = contact[1] if contact else ""
        self._number = int(answer.headers["cseq"].split()[0])
        self.heard: list[str] = []
        probe.send(self.request("ACK", number=self._number))

    def key(self, code: str) -> None:
        """Send a code's digits as a telephone does."""
        for digit in code:
            self.info(f"Signal={digit}\r\nDuration=100\r\n")

    def info(self, body: str | bytes, kind: str | None = RELAY) -> None:
        """Send an INFO in the call; without a kind it has no Content-Type."""
        self._probe.send(self.request("INFO", body, kind))

    def request(
        self,
        method: str,
        body: str | bytes = b"",
        kind: str | None = None,
        *,
        number: int | None = None,
        extra: str = "",
        call_id: str | None = None,
        to: str | None = None,
    ) -> bytes:
        """Give a request of this call, or of one that only looks like it."""
        if number is None:
            self._number += 1
            number = self._number
        content = body.encode() if isinstance(body, str) else body
        address = self._probe.address
        lines = [
            f"{method} {self._remote} SIP/2.0",
            f"Via: SIP/2.0/TLS {address};rport;branch=z9hG4bK{secrets.token_hex(8)}",
            "Max-Forwards: 70",
            f"From: {self.headers['from']}",
            f"To: {to or self.headers['to']}",
            f"Call-ID: {call_id or self.headers['call-id']}",
            f"CSeq: {number} {method}",
            f"Contact: <sip:probe@{address};transport=tls>",
        ]
        if kind is not None:
            lines.append(f"Content-Type: {kind}")
        if extra:
            lines.append(extra)
        lines += [f"Content-Length: {len(content)}", "", ""]
        return "\r\n".join(lines).encode() + content

    def wait_heard(self, text: str, seconds: float = PATIENCE_SECONDS) -> str:
        """Return the first message of the chat that holds the text; raises NotInTime."""
        deadline = time.monotonic() + seconds
        while True:
            for heard in self.heard:
                if text in heard:
                    return heard
            if time.monotonic() > deadline:
                raise NotInTime(f"{text!r} was not read, only {self.heard}")
            self._listen()

    def hang_up(self) -> None:
        """End the call."""
        self._probe.send(self.request("BYE"))

    def _listen(self) -> None:
        got = self._probe.receive(0.2)
        if got is None or got[0].startswith("SIP/2.0"):
            return
        head, body = got
        method = head.split(" ", 1)[0]
        if method == "BYE":
            raise RuntimeError(f"the call was ended: {head}")
        if method == "ACK":
            return
        if method == "MESSAGE":
            self.heard.append(body.decode())
        kept = ("via", "from", "to", "call-id", "cseq")
        lines = [
            line
            for line in head.split("\r\n")[1:]
            if line.partition(":")[0].strip().lower() in kept
        ]
        answer = ["SIP/2.0 200 OK", *lines, "Content-Length: 0", "", ""]
        self._probe.send("\r\n".join(answer).encode())
