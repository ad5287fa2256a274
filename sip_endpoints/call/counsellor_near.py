# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the dialplan tells a kiosk of its counsellor, as text in a MESSAGE outside any call (pure).

A kiosk stands in the queue with its sound and its picture agreed on: nothing in the call itself
says when somebody is there to see the resident.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

_TEXT = re.compile(
    r"guichet-counsellor/1 (called|answered|left) appointment=([0-9]{0,18})"
)


class Nearness(StrEnum):
    """How near the counsellor is."""

    CALLED = "called"
    ANSWERED = "answered"
    # The resident is handed over, and waits for another one.
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class CounsellorNear:
    """A counsellor's telephone rings for this appointment, was answered, or leaves the call."""

    nearness: Nearness
    appointment_id: str | None


def read_counsellor_near(text: str) -> CounsellorNear | None:
    """Read what was told; None when the text is about something else."""
    found = _TEXT.fullmatch(text.strip())
    if found is None:
        return None
    return CounsellorNear(Nearness(found[1]), found[2] or None)
