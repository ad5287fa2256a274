# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whether a new version made anything worse: what worked just before is compared. Pure."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sip_endpoints.machine.checks.check import Check, CheckName, CheckState

# A unit that ran before and does not any more.
UNIT_STOPPED = "unit_stopped"


@dataclass(frozen=True, slots=True)
class Before:
    """The checks that were green, and the units that ran."""

    green: frozenset[str]
    running: frozenset[str]

    @classmethod
    def of(cls, checks: Sequence[Check], running: Collection[str]) -> "Before":
        """Note what a self-test has found."""
        green = {each.name.value for each in checks if each.state is CheckState.OK}
        return cls(frozenset(green), frozenset(running))

    def to_text(self) -> str:
        """Give it to be kept while the version changes."""
        return json.dumps(
            {"green": sorted(self.green), "running": sorted(self.running)}
        )


def read_before(text: str) -> Before:
    """Read what was kept; nothing that can be read: nothing worked, so nothing gets worse."""
    try:
        kept = json.loads(text)
    except ValueError:
        return Before(frozenset(), frozenset())
    return Before(_names(kept, "green"), _names(kept, "running"))


def worse(before: Before, checks: Sequence[Check], running: Collection[str]) -> str:
    """Give the cause of the first thing that worked and does not; empty where none."""
    for each in checks:
        if each.state is CheckState.FAILED and each.name.value in before.green:
            return each.cause or each.name.value
    told = {each.name.value for each in checks}
    for name in CheckName:
        if name.value in before.green and name.value not in told:
            return name.value
    return "" if before.running <= set(running) else UNIT_STOPPED


def is_line_down(before: Before, checks: Sequence[Check]) -> bool:
    """Say whether the server cannot be reached, as it could before: this may be the line."""
    network = CheckName.NETWORK
    return network.value in before.green and any(
        each.name is network and each.state is CheckState.FAILED for each in checks
    )


def _names(kept: Any, key: str) -> frozenset[str]:
    names = kept.get(key) if isinstance(kept, dict) else None
    return frozenset(map(str, names)) if isinstance(names, list) else frozenset()
