# SPDX-License-Identifier: AGPL-3.0-or-later
"""A self-test that a call was in the way of: owed until one is made, and made after the call.

Who tests leaves the mark; the agent, who reads it as root, has the test made.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sip_endpoints.machine.checks.check import CheckReason
from sip_endpoints.machine.system.kept_files import (
    give_to_folder,
    read_of_another,
    write_file,
)

# A mark is a tenth of it.
_MOST_BYTES = 1000


@dataclass(frozen=True, slots=True)
class OwedTest:
    """When it could not be made, and what for."""

    at: str
    reason: CheckReason


def keep_owed(reason: CheckReason, path: Path) -> None:
    """Note that a self-test is owed from now on."""
    at = datetime.now(UTC).isoformat(timespec="microseconds")
    write_file(path, json.dumps({"at": at, "reason": reason.value}), mode=0o640)
    give_to_folder(path)


def read_owed(path: Path) -> OwedTest | None:
    """Give the self-test that is owed; None where none is, or nothing that can be read."""
    try:
        # The browser runs as the user who owns this folder.
        kept = json.loads(read_of_another(path, _MOST_BYTES))
        return OwedTest(str(kept["at"]), CheckReason(kept["reason"]))
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None
