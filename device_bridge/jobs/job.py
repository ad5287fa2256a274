# SPDX-License-Identifier: AGPL-3.0-or-later
"""A device job: what is to be done, how far it is, and which moves are legal. Pure.

States are those of IPP (RFC 8011, section 5.3.7) that a counsellor needs.
"""

import uuid
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum

from device_bridge.errors import BridgeError
from device_bridge.jobs.reasons import Reason


class Operation(StrEnum):
    """What a job does."""

    PRINT = "print"
    SCAN = "scan"
    COPY = "copy"


class JobState(StrEnum):
    """How far a job is."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    CANCELED = "canceled"
    ABORTED = "aborted"


FINAL = frozenset({JobState.COMPLETED, JobState.CANCELED, JobState.ABORTED})
_MOVES = {
    JobState.PENDING: frozenset(JobState) - {JobState.COMPLETED},
    JobState.PROCESSING: frozenset(JobState) - {JobState.PENDING},
}


class ScanColour(StrEnum):
    """Colour of a scan."""

    COLOUR = "colour"
    GRAY = "gray"


class Preset(StrEnum):
    """How a page lies on the scanner and what it is to become."""

    AUTO = "auto"
    A4 = "a4"
    CARD = "card"
    FEEDER = "feeder"
    PHOTO = "photo"


class IllegalMove(BridgeError):
    """A job that is over was to be moved, or one to be completed before it began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job as written down at the kiosk. Change it by `move` and `replace`."""

    uuid: str
    operation: Operation
    call: str = ""
    appointment: int
    document: int | None = None
    prepared: int | None = None
    copies: int = 1
    colour: bool = True
    duplex: bool = False
    preset: Preset = Preset.AUTO
    resolution_dpi: int = 300
    scan_colour: ScanColour = ScanColour.COLOUR
    state: JobState = JobState.PENDING
    reason: Reason = Reason.NONE
    sentence: str = ""
    page: int = 0
    pages: int = 0
    # Grows with every change: the server lets the later one win.
    sequence: int = 0
    # The device was asked for something: from here on nothing may be asked twice.
    is_touched: bool = False
    # For a copy: its pages are scanned, now they are printed.
    is_scanned: bool = False
    device_job: int | None = None
    # What the server told with the call; empty where it could not be asked in time.
    nonce: str = ""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def is_over(self) -> bool:
        """Tell whether the job came to an end of whatever kind."""
        return self.state in FINAL

    def move(self, state: JobState, reason: Reason = Reason.NONE) -> "Job":
        """Give the job in this state; raise IllegalMove where that cannot be."""
        if state not in _MOVES.get(self.state, frozenset()):
            raise IllegalMove(f"{self.state} -> {state}")
        return replace(self, state=state, reason=reason)


def new_job_id() -> str:
    """Give the id of a job that was keyed."""
    return str(uuid.uuid4())
