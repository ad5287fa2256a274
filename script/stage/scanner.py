# SPDX-License-Identifier: AGPL-3.0-or-later
"""A SANE configuration of one kiosk that knows the `test` backend alone.

The backend is a real one, of SANE's own: a flatbed and a feeder of ten pages. Faults are
options of the backend; the bridge passes on those in `GUICHET_SANE_OPTIONS`.
"""

import json
from pathlib import Path

DEVICE = "test:0"
FEEDER_PAGES = 10


class ScannerConfiguration:
    """What a bridge needs for finding the `test` scanner and nothing else."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.device = DEVICE
        self._options = directory / "options.json"
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "dll.conf").write_text("test\n")
        (directory / "dll.d").mkdir(exist_ok=True)
        (directory / "test.conf").write_text("number_of_devices 1\n")

    def set_options(self, **options: object) -> None:
        """Set options of the backend for the scans to come (`read_return_value`, ...)."""
        part = self._options.with_suffix(".part")
        part.write_text(json.dumps(options))
        part.rename(self._options)
