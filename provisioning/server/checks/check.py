# SPDX-License-Identifier: AGPL-3.0-or-later
"""One check: its name, how it ended, and what to do. Pure."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

# What no package brings: others' machines, the time, what ran and what was there before.
OF_OTHERS = frozenset(
    {
        *("names", "clock", "disk", "timed_work", "certificate", "mail", "line"),
        *("depot", "passphrase", "rights", "media", "debian", "archive"),
    }
)


class State(StrEnum):
    """How a check ended."""

    OK = "ok"
    FAILED = "failed"
    # There is nothing to look at, as this server is set up.
    ABSENT = "absent"


@dataclass(frozen=True)
class Checked:
    """What was found; `advice` says what to do where it failed."""

    name: str
    state: State
    says: str
    advice: str = ""

    def as_json(self) -> dict[str, Any]:
        """Give it as a JSON object."""
        return {key: str(value) for key, value in asdict(self).items()}


def ok(name: str, says: str) -> Checked:
    """Tell that all is well."""
    return Checked(name, State.OK, says)


def failed(name: str, says: str, advice: str) -> Checked:
    """Tell what is wrong, and what to do."""
    return Checked(name, State.FAILED, says, advice)


def absent(name: str, says: str) -> Checked:
    """Tell why there is nothing to look at."""
    return Checked(name, State.ABSENT, says)


def are_well(checks: Iterable[Checked]) -> bool:
    """Tell whether none failed."""
    return all(check.state is not State.FAILED for check in checks)


def serves(checks: Iterable[Checked]) -> bool:
    """Tell whether what was installed runs and answers, whatever else is to be seen to.

    An installation, an upgrade or a restoration is done then: a mail server that is away for an
    hour leaves no package half configured.
    """
    return are_well(check for check in checks if check.name not in OF_OTHERS)


def told(checks: Iterable[Checked]) -> list[str]:
    """Give a line for each check, and below a failed one what to do."""
    marks = {State.OK: "ok", State.FAILED: "FAILED", State.ABSENT: "-"}
    lines = []
    for check in checks:
        lines.append(f"{marks[check.state]:7} {check.name:13} {check.says}")
        if check.state is State.FAILED:
            lines.append(f"{'':22}-> {check.advice}")
    return lines
