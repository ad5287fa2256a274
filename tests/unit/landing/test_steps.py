# SPDX-License-Identifier: AGPL-3.0-or-later
"""A step of a run: told and kept as it runs, ended at its limit, and nothing of it left."""

import os
import signal
import sys
import threading
from pathlib import Path

import pytest

from landing import steps
from landing.steps import Step, run_step
from stage.processes import processes_left
from stage.waiting import wait_for

WAITS = "import time; print('waits', flush=True); time.sleep(600)"
DEAF = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); " + WAITS
# As pytest does: it says what was running.
LAST_WORDS = """
try:
    {WAITS}
except KeyboardInterrupt:
    print('was running', flush=True)
    raise SystemExit(2)
"""
CHILD = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {DEAF!r}])"


def python(code: str, minutes: float = 1.0) -> Step:
    return Step("sample", minutes, (sys.executable, "-c", code))


def run(step: Step, folder: Path) -> steps.Ended:
    marked = {"STAGE_DIRECTORY": str(folder)}
    return run_step(step, folder, folder / "sample.log", marked)


def test_what_it_says_is_told_at_once_and_kept(tmp_path: Path, capfdbinary) -> None:
    code = "import sys; print('so'); print('and so', file=sys.stderr); sys.exit(3)"
    ended = run(python(code), tmp_path)
    assert ended.problem == "failed with 3"
    kept = (tmp_path / "sample.log").read_bytes()
    assert sorted(kept.splitlines()) == [b"and so", b"so"]
    assert capfdbinary.readouterr().out == kept


def test_one_that_passes_has_no_problem(tmp_path: Path) -> None:
    ended = run(python("pass"), tmp_path)
    assert (ended.problem, ended.seconds < 60) == ("", True)


def test_at_its_limit_it_is_interrupted_and_says_what_was_running(
    tmp_path: Path,
) -> None:
    ended = run(python(LAST_WORDS.replace("{WAITS}", WAITS), 0.03), tmp_path)
    assert ended.problem == "not within 0.03 minutes"
    assert "was running" in (tmp_path / "sample.log").read_text()
    assert processes_left(tmp_path) == 0


def test_one_that_does_not_listen_is_killed(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(steps, "LAST_WORDS_SECONDS", 0.2)
    assert run(python(DEAF, 0.02), tmp_path).problem == "not within 0.02 minutes"
    assert processes_left(tmp_path) == 0


def test_what_a_step_leaves_behind_is_killed_with_it(tmp_path: Path) -> None:
    assert run(python(CHILD), tmp_path).problem == ""
    assert processes_left(tmp_path) == 0


def test_a_signal_from_outside_ends_it_as_its_limit_does(tmp_path: Path) -> None:
    log = tmp_path / "sample.log"

    def interrupt() -> None:
        wait_for(lambda: log.exists() and b"waits" in log.read_bytes(), "it waits")
        os.kill(os.getpid(), signal.SIGINT)

    stopping = threading.Thread(target=interrupt)
    stopping.start()
    with pytest.raises(KeyboardInterrupt):
        run(python(LAST_WORDS.replace("{WAITS}", WAITS)), tmp_path)
    stopping.join()
    assert "was running" in log.read_text()
    assert processes_left(tmp_path) == 0
