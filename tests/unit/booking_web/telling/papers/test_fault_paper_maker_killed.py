# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whatever a process that makes papers has written is gone with it, however it ends."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from booking_web.telling.papers.paper_maker import PaperMaker
from stage.waiting import wait_for

PAGE = "<html lang='fr'><title>Essai</title><p>Essai</p></html>"
SERVER = f"""
from booking_web.telling.papers.paper_maker import PaperMaker
maker = PaperMaker()
maker.make({PAGE!r}, [12.0])
print("made", flush=True)
input()
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the only directory for temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def test_one_that_was_killed_leaves_nothing(place: Path) -> None:
    maker = PaperMaker()
    maker.make(PAGE, [12.0])
    # Our typefaces, unpacked.
    assert list(place.rglob("weasyprint-*"))
    assert maker.pid is not None
    os.kill(maker.pid, signal.SIGKILL)
    maker.close()
    assert list(place.iterdir()) == []


def test_one_whose_server_was_killed_leaves_nothing(place: Path) -> None:
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with server:
        assert server.stdout is not None and server.stdout.readline() == b"made\n"
        assert list(place.rglob("weasyprint-*"))
        server.kill()
    wait_for(lambda: not list(place.iterdir()), "the process has ended", 30)
