# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a server says on its host: of itself, and of its kiosks."""

import json

from stage.hosts.host import Host, HostFailed

CHECK_SECONDS = 180.0


def failed_checks(server: Host) -> dict[str, str]:
    """Have the server look at itself; give what failed and in which words. Raises HostFailed."""
    done = server.ask(
        *("guichet-server", "check", "--json"), timeout_seconds=CHECK_SECONDS
    )
    try:
        checks = json.loads(done.stdout)["checks"]
    except ValueError as error:
        said = (done.stdout + done.stderr).decode(errors="replace")
        raise HostFailed(f"{server.name}: no check: {said.strip()}") from error
    return {each["name"]: each["says"] for each in checks if each["state"] == "failed"}


def reported_at(server: Host, kiosk: str) -> str | None:
    """Give when the kiosk's machine reported last (ISO 8601). Raises HostFailed."""
    lines = server.run("guichet-web", "fleet", "list", "--json").splitlines()
    told = [json.loads(line) for line in lines]
    [at] = [each["heard_at"] for each in told if each["kiosk"] == kiosk]
    return at and str(at)
