# SPDX-License-Identifier: AGPL-3.0-or-later
"""A test that fails is told at that moment, with what its programs said last."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SAMPLE = """
import sys
from stage.processes import Program

def sample(folder, code):
    words = [sys.executable, "-c", code]
    return Program("sample", words, directory=folder, log=folder / "sample.log")

def test_one_that_fails(tmp_path):
    held = sample(tmp_path, "import time; print('what it saw'); time.sleep(60)")
    held.start()
    held.wait_until(lambda: held.log_text())
    try:
        assert False, "it did not come"
    finally:
        global still_held
        still_held = held

def test_after_it():
    still_held.stop()
    print("the end")
"""


def test_what_failed_and_what_its_programs_said_is_told_before_the_next_test(
    tmp_path: Path,
) -> None:
    file = tmp_path / "test_sample.py"
    file.write_text(SAMPLE)
    command = [sys.executable, "-m", "pytest", "-c", os.devnull, "-p", "tests.conftest"]
    command += ["--rootdir", tmp_path, "-p", "no:cacheprovider", "-s", file]
    paths = os.pathsep.join([str(ROOT), *sys.path])
    said = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": paths},
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
    told, _, _ = said.partition("the end")
    assert "test_one_that_fails failed in call, " in told
    assert "AssertionError: it did not come" in told
    assert "-- sample said last\nwhat it saw\n" in told
    assert "1 failed, 1 passed" in said
