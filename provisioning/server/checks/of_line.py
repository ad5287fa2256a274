# SPDX-License-Identifier: AGPL-3.0-or-later
"""The check of the site's telephone line: taken up by Asterisk, and reached at its operator."""

import re
import time
from dataclasses import dataclass

from provisioning.asterisk.trunk import SIP_FILE, TRUNK
from provisioning.server.answers import Answers
from provisioning.server.checks.check import Checked, absent, failed, ok
from provisioning.server.checks.of_asterisk import LOGS
from provisioning.server.checks.of_network import is_open
from provisioning.server.errors import ServerError
from provisioning.server.machine import Machine

NAME = "line"
TAKE_UP = "guichet-server upgrade restarts Asterisk once nobody is in a call"
LOOK = "look at host, port and transport (guichet-provision trunk show), and at the network"
WRITE_ANEW = "guichet-provision trunk add writes it anew"
# Asterisk lets up to ten seconds pass after its start before it registers.
REGISTERED_WITHIN_SECONDS = 15.0
PAUSE_SECONDS = 0.5
SIGN_IN = "give user name and password anew: guichet-provision trunk add"


@dataclass(frozen=True)
class _Line:
    """What its file says of the operator."""

    host: str
    port: int
    transport: str
    registers: bool


def telephone_line(machine: Machine, _answers: Answers) -> Checked:
    """Tell whether calls to numbers outside can leave; none is placed."""
    file = machine.layout.etc / SIP_FILE
    if not file.exists():
        return absent(NAME, "there is no telephone line")
    line = _line_of(file.read_text())
    if line is None:
        return failed(NAME, f"{file} was changed by hand", WRITE_ANEW)
    try:
        shown = machine.asterisk(f"pjsip show aor {TRUNK}")
        contact = re.search(rf"(?m)^ *Contact: +{TRUNK}/.*", shown)
        if contact is None:
            return failed(NAME, "Asterisk has not taken it up yet", TAKE_UP)
        if not _is_answered(line, contact[0]):
            return failed(NAME, f"{line.host} does not answer at {line.port}", LOOK)
        if line.registers and not _is_registered(machine):
            return failed(NAME, f"{line.host} has not registered it", SIGN_IN)
    except ServerError as error:
        return failed(NAME, str(error), LOGS)
    return ok(NAME, f"{line.host} answers at {line.port} ({line.transport})")


def _is_answered(line: _Line, contact: str) -> bool:
    # Over UDP Asterisk asks the operator itself, once a minute.
    if line.transport == "udp":
        return "Unavail" not in contact.split()
    return is_open(line.host, line.port)


def _is_registered(machine: Machine) -> bool:
    deadline = time.monotonic() + REGISTERED_WITHIN_SECONDS
    while True:
        told = machine.asterisk("pjsip show registrations")
        found = re.search(rf"(?m)^ *{TRUNK}/.* (Registered|Rejected|Stopped)\b", told)
        if found or time.monotonic() > deadline:
            return bool(found and found[1] == "Registered")
        time.sleep(PAUSE_SECONDS)


def _line_of(text: str) -> _Line | None:
    found = re.search(r"(?m)^contact = sip:(.+):(\d+)\\;transport=(\w+)$", text)
    if found is None:
        return None
    registers = "\ntype = registration\n" in text
    return _Line(found[1], int(found[2]), found[3], registers)
