# SPDX-License-Identifier: AGPL-3.0-or-later
"""The commands of the documentation, run on a host as they stand there, and timed."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from stage.hosts.host import Host

COMMAND_SECONDS = 900.0
# A question of a package's would be waited for by nobody.
_NOBODY_THERE = ("env", "DEBIAN_FRONTEND=noninteractive")
Tell = Callable[[str], None]


@dataclass
class Effort:
    """What it took to make a machine what it is; downloads are counted, not timed."""

    commands: list[str] = field(default_factory=list)
    seconds: float = 0.0
    download_bytes: int = 0

    def as_json(self) -> dict[str, object]:
        """Give what `--json` tells."""
        return {
            "commands": len(self.commands),
            "seconds": round(self.seconds, 1),
            "download_bytes": self.download_bytes,
        }


def type_in(host: Host, line: str, effort: Effort, tell: Tell) -> str:
    """Type a line at the host's shell, as its root in /root, and give what it said.

    Raises HostFailed with the end of what it said.
    """
    tell(f"{host.name}# {line}")
    began = time.monotonic()
    said = host.run(*_NOBODY_THERE, "sh", "-c", line, timeout_seconds=COMMAND_SECONDS)
    took = time.monotonic() - began
    tell(f"{host.name}: done in {took:.1f} s")
    effort.seconds += took
    effort.commands.append(line)
    return said
