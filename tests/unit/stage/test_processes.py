# SPDX-License-Identifier: AGPL-3.0-or-later
"""Programs of a stage: started, watched, stopped, and none left."""

import sys
from pathlib import Path

import pytest

from stage.processes import Program, ProgramFailed, processes_left, processes_of

FORKS = "import subprocess, time; subprocess.Popen(['sleep', '60']); time.sleep(60)"
DEAF = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "print('deaf', flush=True); time.sleep(60)"
)


def program(directory: Path, code: str, stop_seconds: float = 5) -> Program:
    return Program(
        "sample",
        [sys.executable, "-c", code],
        directory=directory,
        log=directory / "sample.log",
        stop_seconds=stop_seconds,
    )


def test_a_child_of_a_program_is_counted_and_killed_with_it(tmp_path: Path) -> None:
    sample = program(tmp_path, FORKS)
    sample.start()
    sample.wait_until(lambda: len(processes_of(tmp_path)) == 2)
    sample.kill()
    assert processes_left(tmp_path) == 0


def test_a_program_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    sample = program(tmp_path, DEAF, stop_seconds=0.2)
    sample.start()
    sample.wait_until(lambda: "deaf" in sample.log_text())
    assert sample.stop() is False
    assert processes_left(tmp_path) == 0


def test_a_program_that_ends_early_says_why(tmp_path: Path) -> None:
    sample = program(tmp_path, "raise SystemExit('no such thing')")
    sample.start()
    with pytest.raises(ProgramFailed, match="no such thing"):
        sample.wait_until(lambda: False)


def test_a_program_that_is_late_is_told_by_name(tmp_path: Path) -> None:
    sample = program(tmp_path, FORKS)
    sample.start()
    with pytest.raises(ProgramFailed, match="sample not ready within"):
        sample.wait_until(lambda: False, timeout_seconds=0.1)
    sample.kill()


def test_a_program_starts_again_after_it_was_killed(tmp_path: Path) -> None:
    sample = program(tmp_path, "print('up', flush=True); import time; time.sleep(60)")
    for _ in range(2):
        sample.start()
        sample.wait_until(lambda: sample.log_text() == "up\n")
        sample.kill()
        assert not sample.is_running
