# SPDX-License-Identifier: AGPL-3.0-or-later
"""A kiosk's telephone that answers a call and knows nothing of it afterwards.

So does one that crashed in the call and began anew where Asterisk still reaches it: what it is
asked in that call it answers with 481 (RFC 3261, 12.2.2).
"""

import re
import threading
import tomllib

from stage.sip_probe import AUDIO_OFFER, CRYPTO, SipProbe
from stage.stack import Stage

UNKNOWN = "481 Call/Transaction Does Not Exist"
# No picture: a line for each that was offered, at port 0 (RFC 3264, 6).
NO_PICTURE = "m=video 0 RTP/SAVP 96\n"


class ForgetfulKiosk:
    """Registers as the kiosk, answers what rings, and can forget it."""

    def __init__(self, stage: Stage, kiosk: str) -> None:
        bundle = tomllib.loads((stage.bundles / f"{kiosk}.toml").read_text())
        ca_file = stage.directory / "tls" / "ca.pem"
        self._probe = SipProbe("tls", stage.ports.sip_tls, ca_file)
        answer = self._probe.register(kiosk, bundle["sip"]["secret"])
        if answer.code != 200:
            raise RuntimeError(f"{kiosk} is not registered: {answer}")
        self._is_over, self._has_forgotten = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run)
        # What it was asked in a call that it did not know.
        self.forgotten: list[str] = []
        self._thread.start()

    def _run(self) -> None:
        while not self._is_over.is_set():
            heard = self._probe.receive(0.2)
            method = heard[0].partition(" ")[0] if heard else "ACK"
            if heard is None or method in ("ACK", "SIP/2.0"):
                continue
            if method == "OPTIONS":
                self._answer(heard[0], "200 OK")
            elif self._has_forgotten.is_set():
                self.forgotten.append(method)
                self._answer(heard[0], UNKNOWN)
            else:
                sdp = AUDIO_OFFER.format(profile="RTP/SAVP") + CRYPTO.format(
                    key="A" * 40
                )
                pictures = heard[1].decode().count("m=video")
                has_sdp = heard[1].startswith(b"v=")
                self._answer(
                    heard[0], "200 OK", sdp + NO_PICTURE * pictures if has_sdp else ""
                )

    def forget(self) -> None:
        """Know of no call from now on."""
        self._has_forgotten.set()

    def _answer(self, request: str, status: str, sdp: str = "") -> None:
        lines = re.findall(r"(?im)^(?:via|from|to|call-id|cseq):[^\r\n]*", request)
        tagged = [
            f"{line};tag=forgetful"
            if line.lower().startswith("to:") and ";tag=" not in line
            else line
            for line in lines
        ]
        body = sdp.replace("\n", "\r\n").encode()
        kind = ["Content-Type: application/sdp"] if body else []
        contact = f"Contact: <sip:kiosk@{self._probe.address};transport=tls>"
        head = [f"SIP/2.0 {status}", *tagged, contact, *kind]
        head += [f"Content-Length: {len(body)}", "", ""]
        self._probe.send("\r\n".join(head).encode() + body)

    def __enter__(self) -> "ForgetfulKiosk":
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()
        self._probe.close()
