# SPDX-License-Identifier: AGPL-3.0-or-later
"""The printer of a kiosk that has none: it says so, and keeps nothing of anybody."""

from pathlib import Path

from device_bridge.jobs.device_state import ABSENT, DeviceState
from device_bridge.jobs.reasons import Reason
from device_bridge.printing.printer import (
    PrinterError,
    PrintJobGone,
    PrintOptions,
    PrintStatus,
)


class NoPrinter:
    """Fulfils the ``Printer`` protocol."""

    def state(self) -> DeviceState:
        """Say that there is none, which is no fault."""
        return DeviceState(name="", state=ABSENT)

    def submit(self, file: Path, title: str, options: PrintOptions) -> int:
        """Raise PrinterError."""
        raise PrinterError(Reason.PRINTER_UNKNOWN)

    def find(self, title: str) -> int | None:
        """Find nothing."""
        return None

    def status(self, job: int) -> PrintStatus:
        """Raise PrintJobGone."""
        raise PrintJobGone(str(job))

    def cancel(self, job: int) -> None:
        """Have nothing to cancel."""

    def forget(self, titles: set[str]) -> set[int]:
        """Have nothing to forget."""
        return set()

    def kept(self, titles: set[str], numbers: set[int]) -> int:
        """Keep nothing."""
        return 0
