# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a device job may be, as pure data: operations, states, options and their limits."""

from dataclasses import dataclass
from enum import StrEnum

MAX_COPIES = 20
RESOLUTIONS_DPI = (150, 300, 600)
# The codes of the device protocol: three digits of a number at most.
MAX_NUMBER = 999
# How loud a kiosk is, from the softest level on.
VOLUMES = range(1, 6)


class Operation(StrEnum):
    """What a job does."""

    PRINT = "print"
    SCAN = "scan"
    COPY = "copy"


class JobState(StrEnum):
    """How far a job is, in IPP's words (RFC 8011, section 5.3.7)."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    CANCELED = "canceled"
    ABORTED = "aborted"


FINAL = frozenset({JobState.COMPLETED, JobState.CANCELED, JobState.ABORTED})


class Preset(StrEnum):
    """How the paper lies, and what it is to become."""

    AUTO = "auto"
    A4 = "a4"
    CARD = "card"
    FEEDER = "feeder"
    PHOTO = "photo"


class ScanColour(StrEnum):
    """Colour of a scan."""

    COLOUR = "colour"
    GRAY = "gray"


@dataclass(frozen=True, kw_only=True)
class JobOrder:
    """What the console asks of a kiosk's devices."""

    operation: Operation
    document: int | None = None
    copies: int = 1
    colour: bool = True
    duplex: bool = False
    preset: Preset = Preset.AUTO
    resolution_dpi: int = 300
    scan_colour: ScanColour = ScanColour.COLOUR

    def __post_init__(self) -> None:
        """Refuse (ValueError) what no kiosk would do."""
        if not 1 <= self.copies <= MAX_COPIES:
            raise ValueError("copies")
        if self.resolution_dpi not in RESOLUTIONS_DPI:
            raise ValueError("resolution_dpi")
        if (self.operation is Operation.PRINT) != (self.document is not None):
            raise ValueError("document")


def code_of_job(number: int) -> str:
    """Give the code that runs a prepared job."""
    return f"*7{number}#"


def code_to_show(document: int | None) -> str:
    """Give the code that shows a document (once more: its next page), or clears it."""
    return f"*4{document or ''}#"


def code_of_volume(level: int) -> str:
    """Give the code that makes the kiosk as loud as this; ValueError beyond VOLUMES."""
    if level not in VOLUMES:
        raise ValueError(level)
    return f"*8{level}#"


CANCEL_CODE = "*0#"
STATE_CODE = "*9#"
