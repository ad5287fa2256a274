# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the machine tells of itself each minute: nothing of anybody who sat before it."""

import shutil
import socket
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sip_endpoints.machine.packages.debian import security_signed_at
from sip_endpoints.machine.packages.outcome import Outcome
from sip_endpoints.machine.session.outputs import Session
from sip_endpoints.machine.system.errors import MachineError
from sip_endpoints.machine.system.places import Places
from sip_endpoints.machine.system.programs import Run, run
from sip_endpoints.machine.system.version import product_version

# The packages whose version says what a kiosk can do.
PACKAGES = (
    "guichet-kiosk",
    "chromium",
    "cups-daemon",
    "libc6",
    "pipewire",
    "sane-airscan",
    "sway",
    "systemd",
)


def report(
    machine: str,
    places: Places,
    tested: Mapping[str, Any] | None,
    session: Session,
    updated: Outcome | None = None,
) -> dict[str, Any]:
    """Give the report as the server takes it; with the last self-test, the last update."""
    usage = shutil.disk_usage(places.machine)
    security = security_signed_at(places)
    now = datetime.now(UTC)
    booted_at = now - timedelta(seconds=time.clock_gettime(time.CLOCK_BOOTTIME))
    return {
        "version": product_version(),
        "machine_id": machine,
        "booted_at": booted_at.isoformat(timespec="seconds"),
        "address": own_address(),
        "clock": now.isoformat(timespec="seconds"),
        "disk_free_bytes": usage.free,
        "disk_bytes": usage.total,
        "certificate_ends": certificate_ends(tested),
        "packages": packages(),
        "security_lists": {
            "signed_at": security and security.isoformat(timespec="seconds")
        },
        "screens": _screens(session),
        "update": updated and updated.to_json(),
    }


def packages(run: Run = run) -> dict[str, str]:
    """Give the versions of the packages that are installed among those that matter."""
    form = "${Package} ${Version} ${db:Status-Status}\n"
    words = ["dpkg-query", "--show", f"--showformat={form}", *PACKAGES]
    found = {}
    for line in run(words, may_fail=True).output.splitlines():
        parts = line.split()
        if len(parts) == 3 and parts[2] == "installed":
            found[parts[0]] = parts[1]
    return found


def own_address() -> str:
    """Give the address from which this machine goes out; empty without a network."""
    ways = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))
    for family, far in ways:
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                # Nothing is sent: the kernel only chooses the way.
                probe.connect((far, 9))
                return str(probe.getsockname()[0])
        except OSError:
            continue
    return ""


def certificate_ends(tested: Mapping[str, Any] | None) -> str | None:
    """Give when the first of the server's certificates ends, as the self-test saw them."""
    for check in (tested or {}).get("checks") or []:
        if isinstance(check, dict) and check.get("name") == "certificate":
            ends = (check.get("details") or {}).get("ends")
            return ends if isinstance(ends, str) else None
    return None


def _screens(session: Session) -> list[dict[str, Any]]:
    try:
        outputs = session.outputs()
    except MachineError:
        return []
    return [
        {
            "name": each.name,
            "model": each.model,
            "width": each.width,
            "height": each.height,
        }
        for each in outputs
    ]
