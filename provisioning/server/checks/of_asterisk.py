# SPDX-License-Identifier: AGPL-3.0-or-later
"""Checks of Asterisk: all that it was told to load, and its link to the database."""

import re

from provisioning.asterisk.trunk import MODULES_FILE
from provisioning.server.answers import Answers
from provisioning.server.checks.check import Checked, failed, ok
from provisioning.server.errors import ServerError
from provisioning.server.machine import Machine

LOGS = "see why: guichet-server logs --unit guichet-asterisk"


def modules(machine: Machine, _answers: Answers) -> Checked:
    """Tell whether Asterisk runs with every module of its configuration."""
    try:
        told = machine.asterisk("module show")
    except ServerError as error:
        return failed("asterisk", str(error), LOGS)
    files = [machine.layout.etc / name for name in ("modules.conf", MODULES_FILE)]
    text = "\n".join(file.read_text() for file in files if file.exists())
    wanted = re.findall(r"(?m)^(?:pre)?load = (\S+)", text)
    running = set(re.findall(r"(?m)^(\S+\.so) .*\d+ +Running\b", told))
    if missing := [name for name in wanted if name not in running]:
        return failed("asterisk", f"without {', '.join(missing)}", LOGS)
    return ok("asterisk", f"runs with {len(wanted)} modules")


def link_to_database(machine: Machine, _answers: Answers) -> Checked:
    """Tell whether Asterisk reads endpoints and queues."""
    try:
        told = machine.asterisk("odbc show all")
    except ServerError as error:
        return failed("asterisk-data", str(error), LOGS)
    found = re.search(r"active connections: (\d+)", told)
    if found and int(found[1]) > 0:
        return ok("asterisk-data", "linked to the database")
    return failed(
        "asterisk-data",
        "Asterisk does not reach the database: nobody can register",
        f"{LOGS}; guichet-server install sets its rights anew",
    )
