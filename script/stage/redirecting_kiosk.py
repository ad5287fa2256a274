# SPDX-License-Identifier: AGPL-3.0-or-later
"""A kiosk's account in the hands of somebody who sends its calls elsewhere (302)."""

import re
import time
import tomllib

from stage.sip_probe import SipProbe
from stage.stack import Stage
from stage.waiting import NotInTime

DEADLINE_SECONDS = 20.0


class RedirectingKiosk:
    """Registers as the kiosk and sends its calls to `target`, a SIP address."""

    def __init__(self, stage: Stage, kiosk: str, target: str) -> None:
        bundle = tomllib.loads((stage.bundles / f"{kiosk}.toml").read_text())
        ca_file = stage.directory / "tls" / "ca.pem"
        self._probe = SipProbe("tls", stage.ports.sip_tls, ca_file)
        self._target = target
        answer = self._probe.register(kiosk, bundle["sip"]["secret"])
        if answer.code != 200:
            raise RuntimeError(f"{kiosk} is not registered: {answer}")

    def answer_one_call(self) -> None:
        """Send the next call elsewhere, and decline it where it comes back."""
        moved = f"302 Moved\r\nContact: <sip:{self._target}>"
        for status in (moved, "603 Decline"):
            answer_request(self._probe, "INVITE", status)

    def __enter__(self) -> "RedirectingKiosk":
        return self

    def __exit__(self, *_: object) -> None:
        self._probe.close()


def answer_request(probe: SipProbe, method: str, status: str) -> None:
    """Answer the next such request that comes to who is registered by this probe."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        heard = probe.receive(1.0)
        if heard is None:
            continue
        if heard[0].startswith(f"{method} "):
            probe.send(_answer(heard[0], status))
            return
        if heard[0].startswith("OPTIONS "):
            probe.send(_answer(heard[0], "200 OK"))
    raise NotInTime(f"no {method} within {DEADLINE_SECONDS:g} s")


def _answer(request: str, status: str) -> bytes:
    copied = re.findall(r"(?im)^(?:via|from|to|call-id|cseq):[^\r\n]*", request)
    lines = [
        line + ";tag=2" if line.lower().startswith("to:") else line for line in copied
    ]
    return "\r\n".join(
        [f"SIP/2.0 {status}", *lines, "Content-Length: 0", "", ""]
    ).encode()
