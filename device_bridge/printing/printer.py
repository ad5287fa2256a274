# SPDX-License-Identifier: AGPL-3.0-or-later
"""The port of a printer."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from device_bridge.errors import BridgeError
from device_bridge.jobs.device_state import DeviceState
from device_bridge.jobs.job import JobState
from device_bridge.jobs.reasons import WARNINGS, Reason


class PrinterError(BridgeError):
    """The printer or the print service cannot do it; `reason` says why."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(detail or reason.value)
        self.reason = reason


class PrintJobGone(BridgeError):
    """The print service no longer knows the job: nobody can say what became of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintOptions:
    """How to print."""

    copies: int = 1
    colour: bool = True
    duplex: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintStatus:
    """A job at the print service. `sheets` were reported as done; 0 where unknown."""

    state: JobState
    reasons: tuple[Reason, ...] = ()
    sheets: int = 0
    # Changes when the print service started the job anew.
    began_at: int = 0
    is_handed_over: bool = False

    @property
    def blocking(self) -> Reason:
        """Give what the job waits for, or NONE."""
        found = (reason for reason in self.reasons if reason not in WARNINGS)
        return next(found, Reason.NONE)


class Printer(Protocol):
    """A printer; each method may be called from any thread."""

    def state(self) -> DeviceState:
        """Give the printer's state; never raises for a printer in trouble."""

    def submit(self, file: Path, title: str, options: PrintOptions) -> int:
        """Hand a PDF over and give the print service's number of the job.

        `title` is our own id of the job, by which `find` knows it again. Raises
        PrinterError, after which nothing was accepted.
        """

    def find(self, title: str) -> int | None:
        """Give the number of the job with this title, finished ones included."""

    def status(self, job: int) -> PrintStatus:
        """Give how far a job is; raises PrintJobGone or PrinterError."""

    def cancel(self, job: int) -> None:
        """Ask for the end of a job; one that is over already is left alone."""

    def forget(self, titles: set[str]) -> set[int]:
        """Wipe the jobs with these titles from the print service; give their numbers."""

    def kept(self, titles: set[str], numbers: set[int]) -> int:
        """Count what the service still has of jobs: their titles, files of their numbers."""
