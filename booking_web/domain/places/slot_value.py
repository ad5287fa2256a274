# SPDX-License-Identifier: AGPL-3.0-or-later
"""How the page writes a slot of a relay in a form, and reads it back; pure."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

_FORMAT = "%Y-%m-%dT%H:%MZ"
_VALUE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\dZ)@([a-z0-9-]{1,60})")


@dataclass(frozen=True)
class SlotValue:
    """A start, in UTC, at a relay."""

    starts_at: datetime
    relay: str

    def __str__(self) -> str:
        return f"{self.starts_at.astimezone(UTC).strftime(_FORMAT)}@{self.relay}"


def slot_value(text: str | None) -> SlotValue | None:
    """Read what `str` of a SlotValue wrote; None for anything else."""
    found = _VALUE.fullmatch(text or "")
    if found is None:
        return None
    try:
        starts_at = datetime.strptime(found[1], _FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return None
    return SlotValue(starts_at, found[2])
