# SPDX-License-Identifier: AGPL-3.0-or-later
"""The port of a scanner."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from device_bridge.errors import BridgeError
from device_bridge.jobs.device_state import DeviceState
from device_bridge.jobs.reasons import Reason

MAX_PAGES = 100


class ScannerError(BridgeError):
    """The scan ended early; the pages handed over before are good."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(detail or reason.value)
        self.reason = reason


class ScanCanceled(BridgeError):
    """The scan ended because it was asked to; the pages handed over before are good."""


class Source(StrEnum):
    """Where the paper lies. AUTO: the feeder when it is loaded, else the glass."""

    AUTO = "auto"
    FLATBED = "flatbed"
    FEEDER = "feeder"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanRequest:
    """What to scan. Without `area_mm` (width, height) the whole glass or sheet."""

    source: Source = Source.AUTO
    duplex: bool = False
    resolution_dpi: int = 300
    colour: bool = True
    area_mm: tuple[float, float] | None = None
    max_pages: int = MAX_PAGES


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannedPage:
    """One whole page, its resolution in it, in a JPEG that now belongs to the caller."""

    file: Path
    source: Source


OnPage = Callable[[ScannedPage], None]


class Scanner(Protocol):
    """A scanner; one scan at a time, from any thread."""

    def state(self) -> DeviceState:
        """Give the scanner's state; never raises for a scanner in trouble."""

    def warm_up(self) -> None:
        """Get ready for a scan soon, in the background; may do nothing."""

    def scan(
        self,
        request: ScanRequest,
        folder: Path,
        on_page: OnPage,
        cancel: threading.Event,
    ) -> None:
        """Scan into `folder`, telling each page as soon as it is whole.

        Raises ScannerError, or ScanCanceled once `cancel` is set. A call that returned
        without either gave every page.
        """

    def close(self) -> None:
        """Let the device go."""
