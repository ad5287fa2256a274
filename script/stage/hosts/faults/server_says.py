# SPDX-License-Identifier: AGPL-3.0-or-later
"""What `guichet-server check` says on a host."""

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
