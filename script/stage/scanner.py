# SPDX-License-Identifier: AGPL-3.0-or-later
"""A SANE configuration of one kiosk that knows one backend of SANE's own alone.

`test` is a flatbed and a feeder of ten pages of drawings, its faults are options; `pnm` is
a glass on which a picture is laid. The bridge passes on the options of the file that
`environment` names.
"""

import json
from pathlib import Path

from PIL import Image

DEVICE = "test:0"
FEEDER_PAGES = 10
A4_LONG_MM = 297

TEST_CONF = """\
number_of_devices 1
test-picture "Grid"
geometry_min 0.0
geometry_max {glass_mm}.0
geometry_quant 1.0
br_x {glass_mm}.0
br_y {glass_mm}.0
"""


class ScannerConfiguration:
    """What a bridge needs for finding the `test` scanner and nothing else."""

    def __init__(self, directory: Path, *, glass_mm: int = A4_LONG_MM) -> None:
        self.directory = directory
        self.device = DEVICE
        self._options = directory / "options.json"
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "dll.conf").write_text("test\n")
        (directory / "dll.d").mkdir(exist_ok=True)
        (directory / "test.conf").write_text(TEST_CONF.format(glass_mm=glass_mm))

    @property
    def environment(self) -> dict[str, str]:
        """Give what the bridge's environment must hold for `set_options`."""
        return {"GUICHET_SANE_OPTIONS": str(self._options)}

    def set_options(self, **options: object) -> None:
        """Set options of the backend for the scans to come, such as `read_return_value`.

        `pages={"7": {...}}` sets options just before the seventh page.
        """
        part = self._options.with_suffix(".part")
        part.write_text(json.dumps(options))
        part.rename(self._options)

    def break_with(self, status: str, *, at_page: int = 1) -> None:
        """Make the scans to come end with this SANE status at a page."""
        fault = {"read_return_value": f"SANE_STATUS_{status}"}
        self.set_options(enable_test_options=1, pages={str(at_page): fault})

    def slow_down(self, *, at_page: int = 1) -> None:
        """Make each page take more than a second, from this one on."""
        slow = {"read_delay": 1, "read_delay_duration": 200000}
        self.set_options(enable_test_options=1, pages={str(at_page): slow})


class PaperScanner(ScannerConfiguration):
    """A scanner with a glass alone, that scans the paper which was laid on it last.

    It gives the picture as it is, and says of it the resolution that it was asked for.
    """

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.device = "pnm:0"
        (directory / "dll.conf").write_text("pnm\n")
        self._paper = directory / "paper.ppm"

    def lay(self, paper: Image.Image) -> None:
        """Lay a paper on the glass, in the place of the one that lay there."""
        paper.convert("RGB").save(self._paper)
        self.set_options(filename=str(self._paper))
