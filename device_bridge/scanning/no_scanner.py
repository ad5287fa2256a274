# SPDX-License-Identifier: AGPL-3.0-or-later
"""The scanner of a kiosk that has none: it says so."""

import threading
from pathlib import Path

from device_bridge.jobs.device_state import ABSENT, DeviceState
from device_bridge.jobs.reasons import Reason
from device_bridge.scanning.scanner import OnPage, ScannerError, ScanRequest


class NoScanner:
    """Fulfils the ``Scanner`` protocol."""

    def state(self) -> DeviceState:
        """Say that there is none, which is no fault."""
        return DeviceState(name="", state=ABSENT)

    def warm_up(self) -> None:
        """Have nothing to get ready."""

    def scan(
        self,
        request: ScanRequest,
        folder: Path,
        on_page: OnPage,
        cancel: threading.Event,
    ) -> None:
        """Raise ScannerError."""
        raise ScannerError(Reason.SCANNER_MISSING)

    def close(self) -> None:
        """Have nothing to let go."""
