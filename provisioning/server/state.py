# SPDX-License-Identifier: AGPL-3.0-or-later
"""How the server is now: units, versions, calls, telephones, last backup, certificate."""

import re
from importlib.metadata import version
from typing import Any

from provisioning.asterisk.trunk import TRUNK
from provisioning.server.backup.result import read_result
from provisioning.server.certificate import certificate_in_use
from provisioning.server.checks.of_debian import security_updates
from provisioning.server.errors import ServerError
from provisioning.server.machine import Machine
from provisioning.server.units import UNITS

PACKAGES = ("guichet-server", "guichet-asterisk")
# `guichet-server backup` notes there what it made last.
LAST_BACKUP = "/var/lib/guichet/backup.json"
# What `guichet-server watch` knows from look to look; the pages read it too.
WATCHED = "/var/lib/guichet/watch.json"


def state_of(machine: Machine) -> dict[str, Any]:
    """Give the state as one JSON object; what cannot be told is null."""
    return {
        "version": version("guichet-virtuel"),
        "packages": {name: _package_version(machine, name) for name in PACKAGES},
        "asterisk": _asterisk_version(machine),
        "units": {each.name: _unit_state(machine, each.name) for each in UNITS},
        "calls": calls_now(machine),
        "registered": _registered(machine),
        "last_backup": _last_backup(machine),
        "certificate_ends": _certificate_ends(machine),
        "security_updates": security_updates(machine),
    }


def state_lines(state: dict[str, Any]) -> list[str]:
    """Give the state as lines for a person."""
    backup = state["last_backup"]
    lines = [
        f"version       {state['version']}, Asterisk {state['asterisk'] or 'not running'}",
        f"calls         {_told(state['calls'])}",
        f"registered    {_told(state['registered'])} telephones",
        f"last backup   {backup.get('ended_at', 'never') if backup else 'never'}",
        f"certificate   good until {_told(state['certificate_ends'])}",
        f"Debian        {_waiting(state['security_updates'])}",
    ]
    return lines + [f"{name:32} {told}" for name, told in state["units"].items()]


def calls_now(machine: Machine) -> int | None:
    """Count the calls that go on; None where Asterisk does not answer."""
    told = _asterisk_says(machine, "core show channels count")
    # A call of ours has two channels that are bridged, or one that waits in a queue.
    return None if told is None else _number_in(told, r"(\d+) active call")


def _registered(machine: Machine) -> int | None:
    told = _asterisk_says(machine, "pjsip show contacts")
    if told is None:
        return None
    # The address of the telephone line's operator stands among those of telephones.
    lines = len(re.findall(rf"Contact: +{TRUNK}/", told))
    return _number_in(told, r"Objects found: (\d+)") - lines


def _number_in(told: str, pattern: str) -> int:
    found = re.search(pattern, told)
    return int(found[1]) if found else 0


def _asterisk_version(machine: Machine) -> str | None:
    words = (_asterisk_says(machine, "core show version") or "").split()
    return words[1] if len(words) > 1 else None


def _asterisk_says(machine: Machine, command: str) -> str | None:
    try:
        return machine.asterisk(command)
    except ServerError:
        return None


def _package_version(machine: Machine, name: str) -> str | None:
    ran = machine.programs.try_to_run(
        "dpkg-query", "--show", "--showformat", "${Version}", name
    )
    return ran.output.strip() or None if ran.exit_code == 0 else None


def _unit_state(machine: Machine, name: str) -> str:
    ran = machine.programs.try_to_run("systemctl", "is-active", name)
    return ran.output.strip() or "unknown"


def _last_backup(machine: Machine) -> dict[str, Any] | None:
    return read_result(machine.path(LAST_BACKUP)) or None


def _certificate_ends(machine: Machine) -> str | None:
    try:
        return certificate_in_use(machine).not_valid_after_utc.isoformat()
    except ServerError:
        return None


def _waiting(updates: list[str] | None) -> str:
    if updates is None:
        return "security updates: unknown"
    return f"security updates that wait: {', '.join(updates) or 'none'}"


def _told(value: Any) -> str:
    return "unknown" if value is None else str(value)
