# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a kiosk's own self-test says, in its codes."""

import json
from typing import Any

from stage.hosts.host import Host, HostFailed

SELF_TEST_SECONDS = 180.0
KEPT = "/var/lib/guichet-kiosk/self-test/last.json"


def failed_checks(kiosk: Host) -> list[str]:
    """Have the kiosk test itself; give what failed, as `name: cause`. Raises HostFailed."""
    done = kiosk.ask(
        *("guichet-kiosk", "self-test", "--json"), timeout_seconds=SELF_TEST_SECONDS
    )
    try:
        return _failed(json.loads(done.stdout))
    except ValueError as error:
        said = (done.stdout + done.stderr).decode(errors="replace")
        raise HostFailed(f"{kiosk.name}: no self-test: {said.strip()}") from error


def failed_checks_of(kiosk: Host, reason: str) -> list[str]:
    """Have the kiosk test itself as its unit does; give what failed. Raises HostFailed."""
    kiosk.run("rm", "--force", KEPT)
    kiosk.run(
        *("systemctl", "start", f"guichet-self-test@{reason}.service"),
        timeout_seconds=SELF_TEST_SECONDS,
    )
    return _failed(json.loads(kiosk.read(KEPT)))


def _failed(tested: dict[str, Any]) -> list[str]:
    return [
        f"{each['name']}: {each['cause']}"
        for each in tested["checks"]
        if each["state"] == "failed"
    ]
