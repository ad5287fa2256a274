# SPDX-License-Identifier: AGPL-3.0-or-later
"""access.cells: each route by each role about what is not theirs, and what of it leaked.

The matrix of the tests is walked; this only counts. A leak fails the row.
"""

import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

from measure.rows import Figures

REPOSITORY = Path(__file__).resolve().parents[2]
MATRIX = "tests/integration/booking_web/matrix/test_matrix.py"
WALKED = "test_what_is_not_ones_own_is_refused_and_tells_and_changes_nothing"


class Leak(RuntimeError):
    """A route told or changed what is somebody else's, or answered otherwise than listed."""


def measure() -> Figures:
    """Walk the matrix; give how many cells there are."""
    with tempfile.TemporaryDirectory(prefix="guichet-") as folder:
        report = Path(folder) / "matrix.xml"
        ended = subprocess.run(
            [sys.executable, "-m", "pytest", f"{MATRIX}::{WALKED}", "-q"]
            + [f"--junitxml={report}", "-p", "no:cacheprovider"],
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
        )
        told = {
            each.get("name"): each.get("value")
            for each in ElementTree.parse(report).iter("property")
        }
    if ended.returncode or told.get("leaks") != "0":
        raise Leak(ended.stdout[-2000:])
    return Figures((float(told["cells"] or 0),), notes=("leaks: 0",))
