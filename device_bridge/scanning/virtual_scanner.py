# SPDX-License-Identifier: AGPL-3.0-or-later
"""A scanner of drawn pages: for training, demonstrations and tests.

Its feeder holds as many sheets as `folder`/feeder says, its faults are in
`folder`/faults, each at a page or always.
"""

import threading
import time
from pathlib import Path

from PIL import Image, ImageDraw

from device_bridge.jobs.device_state import DeviceState
from device_bridge.jobs.faults import FaultFile
from device_bridge.jobs.reasons import Reason
from device_bridge.scanning.pages import save_page
from device_bridge.scanning.scanner import (
    OnPage,
    ScanCanceled,
    ScannedPage,
    ScannerError,
    ScanRequest,
    Source,
)

MM_PER_INCH = 25.4
A4_MM = (210.0, 297.0)
POLL_SECONDS = 0.01
LINES_PER_PAGE = 40


class VirtualScanner:
    """Draws pages of numbered lines; `page_seconds` each."""

    def __init__(self, folder: Path, page_seconds: float = 0.0) -> None:
        self.faults = FaultFile(folder / "faults")
        self._feeder = folder / "feeder"
        self._page_seconds = page_seconds
        self._is_busy = threading.Lock()

    def load_feeder(self, sheets: int) -> None:
        """Put sheets into the feeder."""
        self._feeder.write_text(str(sheets))

    def state(self) -> DeviceState:
        """Give idle, processing, or stopped with the faults that are on."""
        if self._is_busy.locked():
            return DeviceState(name="virtual", state="processing")
        reasons = self.faults.active()
        state = "stopped" if reasons else "idle"
        return DeviceState(name="virtual", state=state, reasons=reasons)

    def warm_up(self) -> None:
        """Nothing to do."""

    def scan(
        self,
        request: ScanRequest,
        folder: Path,
        on_page: OnPage,
        cancel: threading.Event,
    ) -> None:
        """Give the feeder's sheets, or one page of the glass."""
        with self._is_busy:
            sheets = self._sheets()
            if request.source is Source.FEEDER and not sheets:
                raise ScannerError(Reason.FEEDER_EMPTY)
            is_fed = sheets > 0 and request.source is not Source.FLATBED
            pages = sheets * (2 if request.duplex else 1) if is_fed else 1
            source = Source.FEEDER if is_fed else Source.FLATBED
            for page in range(1, min(pages, request.max_pages) + 1):
                self._wait(page, cancel)
                file = self._draw(page, request, folder)
                on_page(ScannedPage(file=file, source=source))
            if is_fed:
                self.load_feeder(0)

    def close(self) -> None:
        """Nothing to let go."""

    def _wait(self, page: int, cancel: threading.Event) -> None:
        """Take the page's time; a hung device takes for ever, until cancelled."""
        due = time.monotonic() + self._page_seconds
        while True:
            if cancel.is_set():
                raise ScanCanceled()
            faults = self.faults.active(page)
            if faults and Reason.SCANNER_HUNG not in faults:
                raise ScannerError(faults[0])
            if not faults and time.monotonic() >= due:
                return
            time.sleep(POLL_SECONDS)

    def _sheets(self) -> int:
        return int(self._feeder.read_text()) if self._feeder.exists() else 0

    def _draw(self, page: int, request: ScanRequest, folder: Path) -> Path:
        size_mm = request.area_mm or A4_MM
        width, height = (
            round(side / MM_PER_INCH * request.resolution_dpi) for side in size_mm
        )
        image = Image.new("RGB" if request.colour else "L", (width, height), "white")
        draw = ImageDraw.Draw(image)
        step = max(8, height // LINES_PER_PAGE)
        for number, top in enumerate(range(step, height - step, step), start=1):
            draw.text((width // 10, top), f"Page {page}, ligne {number}", fill="black")
            draw.line((width // 3, top, width * 8 // 10, top), fill="black", width=2)
        file = folder / f"raw-{page:03}.jpg"
        save_page(image, file, request.resolution_dpi)
        return file
