# SPDX-License-Identifier: AGPL-3.0-or-later
"""What became of the last update: written here and by `update-steps`, told to the server."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sip_endpoints.machine.system.kept_files import remove_file, write_file
from sip_endpoints.machine.system.places import Places


class UpdateState(StrEnum):
    """How the last update ended."""

    NONE = "none"
    DONE = "done"
    ROLLED_BACK = "rolled_back"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """From which version to which one; a short cause where it was not done."""

    state: UpdateState
    before: str
    after: str
    at: str
    cause: str = ""

    def to_json(self) -> dict[str, Any]:
        """Give it as the server takes it."""
        return {
            "state": self.state.value,
            "from": self.before,
            "to": self.after,
            "at": self.at,
            "cause": self.cause or None,
        }


def read_outcome(places: Places) -> Outcome | None:
    """Give the last outcome; None where there is none that can be read."""
    try:
        kept = json.loads(places.update_outcome.read_text(encoding="utf-8"))
        return Outcome(
            UpdateState(kept["state"]),
            str(kept["from"]),
            str(kept["to"]),
            str(kept["at"]),
            str(kept.get("cause") or ""),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def write_failure(places: Places, before: str, after: str, cause: str) -> None:
    """Note that an update could not even begin."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    outcome = Outcome(UpdateState.FAILED, before, after, at, cause)
    write_file(places.update_outcome, json.dumps(outcome.to_json()), mode=0o600)


def forget_unread_lists(places: Places) -> None:
    """Have nothing told any more of an update that failed before any version was known."""
    last = read_outcome(places)
    if last is not None and last.state is UpdateState.FAILED and not last.after:
        remove_file(places.update_outcome)


def refused_versions(places: Places) -> frozenset[str]:
    """Give the versions that were put back once: none of them is tried again by itself."""
    try:
        return frozenset(places.refused_versions.read_text(encoding="utf-8").split())
    except OSError:
        return frozenset()
