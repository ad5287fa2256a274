# SPDX-License-Identifier: AGPL-3.0-or-later
"""The port of what an appointment may leave behind at the kiosk, and why it may stay."""

import errno
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from device_bridge.errors import BridgeError


class Part(StrEnum):
    """Where something of an appointment may be left."""

    # The second screen's browser: its profile, its memory, what it copied.
    SCREEN = "screen"
    TELEPHONE = "telephone"
    # Jobs and files of the print service.
    PRINT = "print"
    # Scans, copies and documents fetched for a print.
    SPOOL = "spool"
    TEMPORARY = "temporary"
    # What the bridge itself remembers: whose its jobs were.
    LEDGER = "ledger"


class Cause(StrEnum):
    """Why something cannot be wiped, or nobody can say that it is."""

    NOT_DELETABLE = "not_deletable"
    READ_ONLY = "read_only"
    DISK_FULL = "disk_full"
    # It was wiped, and is there all the same.
    STILL_THERE = "still_there"
    # Whoever has to wipe it does not answer.
    SILENT = "silent"
    INTERNAL = "internal"


_CAUSES = {
    errno.EROFS: Cause.READ_ONLY,
    errno.ENOSPC: Cause.DISK_FULL,
    errno.EDQUOT: Cause.DISK_FULL,
}


class NotWiped(BridgeError):
    """Something is left, or may be; `part` says where and `cause` why."""

    def __init__(self, part: Part, cause: Cause, detail: str = "") -> None:
        super().__init__(detail or f"{part}:{cause}")
        self.part = part
        self.cause = cause


def cause_of(error: OSError) -> Cause:
    """Tell why a file could not be removed."""
    return _CAUSES.get(error.errno or 0, Cause.NOT_DELETABLE)


@dataclass(frozen=True, slots=True)
class Found:
    """What was there before it was wiped."""

    count: int = 0
    size: int = 0

    def __add__(self, other: "Found") -> "Found":
        """Give both together."""
        return Found(self.count + other.count, self.size + other.size)


class Trace(Protocol):
    """One place where something of an appointment may be left."""

    part: Part

    def wipe(self, appointment: int) -> Found:
        """Remove what is there; raises NotWiped."""

    def left(self, appointment: int) -> int:
        """Look anew and count what is still there; raises NotWiped where nobody can."""
