# SPDX-License-Identifier: AGPL-3.0-or-later
"""The check of sound and picture: what Asterisk tells of its address, and what kiosks found."""

import json
import re
from typing import Any

from provisioning.server.answers import Answers
from provisioning.server.checks.check import Checked, absent, failed, ok
from provisioning.server.checks.of_asterisk import LOGS
from provisioning.server.database import guichet_web
from provisioning.server.errors import ServerError
from provisioning.server.machine import Machine
from provisioning.server.site_files import own_address

NAME = "media"
TRANSPORT = "transport-tls"
UNTOLD = "Asterisk does not tell others of the router yet"
ANEW = "guichet-server install"
TAKE_UP = "guichet-server upgrade restarts Asterisk once nobody is in a call"
LOOK = (
    "have the router lead the UDP ports of docs/operate.md here, by the same numbers; is its"
    " address public_address in /etc/guichet/server.toml? Then have it tried again:"
    " guichet-web fleet self-test KIOSK"
)


def media(machine: Machine, answers: Answers) -> Checked:
    """Tell whether sound and picture pass both ways, as the kiosks' self-tests say."""
    try:
        wrong = _of_router(machine, answers.public_address)
    except ServerError as error:
        return failed(NAME, str(error), LOGS)
    except OSError as error:
        return failed(NAME, f"{error.filename}: {error.strerror}", ANEW)
    if wrong is not None:
        return wrong
    try:
        told = heard_at(guichet_web(machine, "fleet", "list", "--json"))
    except ServerError:
        # Whoever asks for the database itself says more.
        return absent(NAME, "what the kiosks said cannot be read now")
    hear = [kiosk for kiosk, is_heard in told.items() if is_heard]
    if told and not hear:
        return failed(NAME, f"neither sound nor picture at {_few(list(told))}", LOOK)
    if not told:
        return absent(
            NAME, "no kiosk that is there has tried it: guichet-kiosk self-test"
        )
    says = f"sound and picture pass both ways at {len(hear)} of {len(told)} kiosks"
    if deaf := [kiosk for kiosk in told if kiosk not in hear]:
        # Each is on the fleet's page: its own network, not this server's.
        says += f", not at {_few(deaf)}"
    return ok(NAME, says)


def _of_router(machine: Machine, public_address: str | None) -> Checked | None:
    """Look whether Asterisk tells the router's address, if there is one; None where all is well."""
    told = machine.asterisk(f"pjsip show transport {TRANSPORT}")
    found = re.search(r"(?m)^ *external_media_address *: *(\S*)$", told)
    in_force = found[1] if found else ""
    if in_force != (public_address or ""):
        says = f"Asterisk still tells others {in_force}" if in_force else UNTOLD
        return failed(NAME, says, TAKE_UP)
    if public_address is None:
        return None
    own = own_address(machine, public_address)
    written = (machine.layout.etc / "rtp.conf").read_text()
    if f"{own} => {public_address}," in written:
        return None
    return failed(NAME, f"this machine has another address now, {own}", ANEW)


def heard_at(listed: str) -> dict[str, bool]:
    """Read `guichet-web fleet list --json`: which kiosks that are there hear and see, of those
    that have tried it."""
    kiosks: list[dict[str, Any]] = [json.loads(line) for line in listed.splitlines()]
    return {
        each["kiosk"]: state == "ok"
        for each in kiosks
        if not each["is_silent"]
        and (state := each["checks"].get(NAME)) in ("ok", "failed")
    }


def _few(kiosks: list[str]) -> str:
    named = ", ".join(kiosks[:3])
    return f"{named} and {len(kiosks) - 3} more" if len(kiosks) > 3 else named
