# SPDX-License-Identifier: AGPL-3.0-or-later
"""What IT gets to see of a kiosk from afar: logs, versions, states; nothing of residents.

Our programs write no name, no document and no secret into their logs (CONTRIBUTING.md); of
other programs only warnings are taken.
"""

import io
import json
import tarfile
import time
from dataclasses import asdict
from typing import Any

from sip_endpoints.machine.checks.self_test import phone_status, read_kept
from sip_endpoints.machine.system.errors import MachineError
from sip_endpoints.machine.system.places import Places
from sip_endpoints.machine.system.programs import Run, run
from sip_endpoints.machine.system.units import MEMBERS, Units

# The server takes 5 MB, packed; logs pack to a tenth.
MAX_PART_BYTES = 8_000_000
_SINCE = "-2days"
_COMMANDS = {
    "addresses.txt": ["ip", "-brief", "address"],
    "routes.txt": ["ip", "route"],
    "clock.txt": ["timedatectl"],
    "disks.txt": ["df", "-h"],
    "memory.txt": ["free", "-m"],
    "failed-units.txt": ["systemctl", "--failed", "--no-pager", "--plain"],
    "printers.txt": ["lpstat", "-t"],
    "packages.txt": ["dpkg-query", "--show"],
}
# What the telephone tells of each exchange over SIP, which names nobody.
_SIP = '"event": "sip '
# What these hold may name who called.
_PERSONAL = ("call", "last_call", "bridge")


def collect(places: Places, told: dict[str, Any], run: Run = run) -> bytes:
    """Give a tar.gz of it; a part that cannot be had says why in its place."""
    tested, phone = read_kept(places.self_test), phone_status(places)
    parts = {
        "report.json": json.dumps(told, indent=1),
        "self-test.json": json.dumps(tested, indent=1),
        "phone.json": json.dumps(_impersonal(phone), indent=1),
        "units.json": json.dumps(
            [asdict(each) for each in Units(run).states()], indent=1
        ),
        "journal.txt": _said(
            _journal(*(f"--unit={unit}" for unit in (*MEMBERS, "guichet-self-test@*"))),
            run,
        ),
        "sip.txt": _said([*_journal("--unit=guichet-phone"), f"--grep={_SIP}"], run),
        "warnings.txt": _said(_journal("--priority=warning"), run),
    }
    for name, words in _COMMANDS.items():
        parts[name] = _said(words, run)
    return _packed(parts)


def _journal(*which: str) -> list[str]:
    words = ["journalctl", "--no-pager", "--since", _SINCE, "--output", "short-iso"]
    return [*words, *which]


def _said(words: list[str], run: Run) -> str:
    try:
        ran = run(words, may_fail=True)
    except MachineError as error:
        return f"{error}\n"
    return (ran.output + ran.errors)[-MAX_PART_BYTES:]


def _impersonal(status: dict[str, Any] | None) -> dict[str, Any] | None:
    if status is None:
        return None
    return {key: value for key, value in status.items() if key not in _PERSONAL}


def _packed(parts: dict[str, str]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for name, text in parts.items():
            content = text.encode()
            info = tarfile.TarInfo(f"diagnosis/{name}")
            info.size, info.mtime, info.mode = len(content), int(time.time()), 0o600
            archive.addfile(info, io.BytesIO(content))
    return file.getvalue()
