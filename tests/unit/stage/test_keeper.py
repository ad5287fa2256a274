# SPDX-License-Identifier: AGPL-3.0-or-later
"""Of a program with a keeper nothing is left: in other sessions, in other hands, at any depth."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stage import keeper
from stage.processes import MARK, processes_left
from stage.waiting import wait_for

# It begins one that begins one, that listens to nobody, is in no group of ours, and has given up
# its environment, as nginx does.
LEAVES = """
import pathlib, signal, subprocess, sys, time
deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True); time.sleep(600)"
begin = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', sys.argv[1]]"
middle = f"{begin}, start_new_session=True, env={{}})"
left = subprocess.Popen([sys.executable, "-c", middle, deaf], stdout=subprocess.PIPE)
left.stdout.readline()
left.wait()
"""
WAITS = """
signal.signal(signal.SIGTERM, signal.default_int_handler)
pathlib.Path("begun").touch()
try:
    time.sleep(600)
except KeyboardInterrupt:
    print("was running", flush=True)
    sys.exit(2)
"""
KILLED = "== left behind, and killed: python"


@contextmanager
def kept(folder: Path, code: str, *behind: str) -> Iterator[subprocess.Popen[str]]:
    keep = (sys.executable, "-P", keeper.__file__)
    with subprocess.Popen(
        [*behind, *keep, sys.executable, "-c", code],
        cwd=folder,
        env={**os.environ, MARK: str(folder)},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        yield process


def test_what_it_leaves_behind_is_killed_and_told(tmp_path: Path) -> None:
    with kept(tmp_path, f"{LEAVES}\nsys.exit(3)") as process:
        said, _ = process.communicate()
    assert process.returncode == 3
    assert said.startswith(KILLED)


def test_one_that_leaves_nothing_says_nothing(tmp_path: Path) -> None:
    with kept(tmp_path, "") as process:
        assert process.communicate()[0] == ""
    assert process.returncode == 0


def test_one_that_is_killed_ends_as_in_a_shell(tmp_path: Path) -> None:
    with kept(tmp_path, "import os; os.abort()") as process:
        process.communicate()
    assert process.returncode == 128 + signal.SIGABRT


def test_a_shell_that_has_it_in_its_background_does_not_make_it_deaf(
    tmp_path: Path,
) -> None:
    code = "import signal; print(signal.getsignal(signal.SIGINT).__name__)"
    with kept(tmp_path, code, "env", "--ignore-signal=INT") as process:
        assert process.communicate()[0] == "default_int_handler\n"


def test_ctrl_c_and_sigterm_end_it_in_order(tmp_path: Path) -> None:
    def terminate(process: subprocess.Popen[str]) -> None:
        process.terminate()

    def ctrl_c(process: subprocess.Popen[str]) -> None:
        os.killpg(process.pid, signal.SIGINT)

    for end in (terminate, ctrl_c):
        with kept(tmp_path, LEAVES + WAITS) as process:
            wait_for((tmp_path / "begun").exists, "it has begun")
            end(process)
            said, _ = process.communicate()
        assert said.startswith(f"was running\n{KILLED}")
        assert process.returncode == 2
        (tmp_path / "begun").unlink()


def test_one_whose_owner_is_killed_ends_in_order(tmp_path: Path) -> None:
    with kept(tmp_path, LEAVES + WAITS) as process:
        wait_for((tmp_path / "begun").exists, "it has begun")
        process.kill()
        # The output ends with the last who has it.
        assert process.communicate()[0].startswith(f"was running\n{KILLED}")


def test_one_that_is_killed_with_its_group_leaves_nothing(tmp_path: Path) -> None:
    with kept(tmp_path, LEAVES + WAITS) as process:
        wait_for((tmp_path / "begun").exists, "it has begun")
        os.killpg(process.pid, signal.SIGKILL)
        assert process.communicate()[0].startswith(KILLED)
    assert processes_left(tmp_path) == 0
