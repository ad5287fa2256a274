# SPDX-License-Identifier: AGPL-3.0-or-later
"""Two administrators at once: the second is told who is at work, and changes nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

from provisioning.server.lock import SomebodyAtWork, one_at_a_time

HOLDS = """
import sys, pathlib
from provisioning.server.lock import one_at_a_time
with one_at_a_time("guichet-server install", pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_the_second_is_told_who_is_at_work(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    first = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(lock)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"SUDO_USER": "dominique", "PYTHONPATH": ":".join(sys.path)},
    )
    assert first.stdout and first.stdin
    assert first.stdout.readline() == b"held\n"
    with pytest.raises(SomebodyAtWork) as refused:
        with one_at_a_time("guichet-server upgrade", lock):
            pytest.fail("both are at work")
    told = str(refused.value)
    assert told.startswith("dominique has been running guichet-server install (process")
    assert str(first.pid) in told and "wait until it has ended" in told
    # Killed, it holds nothing.
    first.kill()
    first.communicate()
    with one_at_a_time("guichet-server upgrade", lock):
        assert "guichet-server upgrade" in lock.read_text()


def test_a_lock_of_which_nothing_is_known_is_told_all_the_same(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with one_at_a_time("guichet-server install", lock):
        lock.write_text("")
        with pytest.raises(SomebodyAtWork, match="another guichet-server is at work"):
            with one_at_a_time("guichet-server install", lock):
                pytest.fail("both are at work")
