# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a check found, in the words that kiosk and server share. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

# In the place of a reason: the room may be dark by then, and this is no news for the server.
BEFORE_UPDATE = "before-update"


class CheckName(StrEnum):
    """What is looked at, in this order."""

    CAMERA = "camera"
    SOUND = "sound"
    SCREENS = "screens"
    NETWORK = "network"
    CLOCK = "clock"
    CERTIFICATE = "certificate"
    PRINTER = "printer"
    SCANNER = "scanner"
    DISK = "disk"
    PHONE = "phone"
    MEDIA = "media"


class CheckState(StrEnum):
    """How it is; absent: this kiosk is set to have none."""

    OK = "ok"
    FAILED = "failed"
    ABSENT = "absent"


class CheckReason(StrEnum):
    """Why the self-test was made."""

    ASKED = "asked"
    MORNING = "morning"
    ENROLMENT = "enrolment"
    UPDATE = "update"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; a cause where it failed, figures for IT."""

    name: CheckName
    state: CheckState
    cause: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Give it as the server takes it."""
        return {
            "name": self.name.value,
            "state": self.state.value,
            "cause": self.cause or None,
            "details": dict(self.details),
        }


def passed(name: CheckName, **details: Any) -> Check:
    """Give a check that found all well."""
    return Check(name, CheckState.OK, "", details)


def failed(name: CheckName, cause: str, **details: Any) -> Check:
    """Give a check that found a fault."""
    return Check(name, CheckState.FAILED, cause, details)


def absent(name: CheckName) -> Check:
    """Give a check of what this kiosk does without."""
    return Check(name, CheckState.ABSENT)


def is_ready(checks: Sequence[Check]) -> bool:
    """Say whether nothing failed."""
    return all(each.state is not CheckState.FAILED for each in checks)
