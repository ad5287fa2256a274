# SPDX-License-Identifier: AGPL-3.0-or-later
"""start.cold: script/demo in a fresh clone, with nothing in the user's cache."""

import subprocess
import tempfile
from pathlib import Path

from measure.demo_start import seconds_until_ready
from measure.rows import Figures

REPOSITORY = Path(__file__).resolve().parents[2]


def measure() -> Figures:
    """Clone what is committed and start it once: it takes minutes.

    Debian packages that are on the machine stay there, so on a bare machine their
    installation comes on top.
    """
    with tempfile.TemporaryDirectory(prefix="guichet-cold-") as folder:
        clone = Path(folder) / "clone"
        subprocess.run(
            ["git", "clone", "--quiet", "--no-hardlinks", str(REPOSITORY), str(clone)],
            check=True,
        )
        cache = {"XDG_CACHE_HOME": str(Path(folder) / "cache")}
        seconds = seconds_until_ready(clone, cache)
    # One run: it is minutes long, and what it downloads varies more than it does.
    return Figures((seconds,), (), ("the system's own packages were there already",))
