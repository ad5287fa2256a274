# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a killed process left is removed by the next one; what others use is not."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from stage import owned_folder
from stage.owned_folder import OwnedFolder, remove_left_folders

PREFIX = "owned-"
OWNER = (
    "from stage.owned_folder import OwnedFolder\n"
    f"folder = OwnedFolder('{PREFIX}')\n"
    "print(folder.path, flush=True)\n"
    "input()\n"
)


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    """Keep to a temporary folder of the test's own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def start_owner(monkeypatch):
    """Give a function that starts a process with a folder."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3] / "script"))
    started = []

    def start() -> tuple[subprocess.Popen, Path]:
        process = subprocess.Popen(
            [sys.executable, "-c", OWNER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process, Path(process.stdout.readline().strip())

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_the_folder_of_a_killed_process_goes_when_the_next_one_starts(start_owner):
    process, left = start_owner()
    (left / "spool").mkdir()
    (left / "spool" / "d00001-001").write_text("a print")
    process.kill()
    process.wait()

    folder = OwnedFolder(PREFIX)

    assert not left.exists()
    assert folder.path.is_dir()
    folder.remove()
    assert not folder.path.exists()


def test_the_folder_of_a_living_process_stays(start_owner):
    _, used = start_owner()

    assert remove_left_folders(PREFIX) == []
    assert used.is_dir()


@pytest.mark.parametrize(("room", "place"), [(1, "memory"), (1 << 60, "temporary")])
def test_it_is_in_memory_only_where_there_is_room(
    temporary, tmp_path, monkeypatch, room: int, place: str
):
    places = {"memory": tmp_path / "memory", "temporary": temporary}
    places["memory"].mkdir()
    monkeypatch.setattr(owned_folder, "MEMORY", places["memory"])
    monkeypatch.setattr(owned_folder, "MEMORY_BYTES", room)
    left = OwnedFolder(PREFIX, in_memory=True)
    assert left.path.parent == places[place]
    # As where its process died: the lock is gone.
    os.close(left._lock)
    after = OwnedFolder(PREFIX, in_memory=True)
    assert not left.path.exists()
    after.remove()


def test_a_folder_that_no_process_ever_locked_stays(temporary):
    foreign = temporary / f"{PREFIX}foreign"
    foreign.mkdir()

    assert remove_left_folders(PREFIX) == []
    assert foreign.is_dir()
