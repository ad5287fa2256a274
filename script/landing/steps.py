# SPDX-License-Identifier: AGPL-3.0-or-later
"""One step of a run: a command with a limit, told and kept while it runs."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

# After its interrupt a step says what was running; then it is killed.
LAST_WORDS_SECONDS = 30.0
OUTPUT_SECONDS = 5.0
# The kernel tells it to end when we do, however we end.
_END_WITH_US = ("setpriv", "--pdeathsig", "TERM", "--")


@dataclass(frozen=True)
class Step:
    """A command of a run, and the minutes that it may take on the slowest machine."""

    name: str
    minutes: float
    command: tuple[str, ...]


@dataclass(frozen=True)
class Ended:
    """How a step ended: its seconds, and what is wrong ("" if nothing is)."""

    seconds: float
    problem: str


def run_step(
    step: Step, folder: Path, log: Path, environment: Mapping[str, str]
) -> Ended:
    """Run the step to its end or its limit; what it says goes to our output and to `log`.

    At its limit all its processes are interrupted (SIGINT), as Ctrl-C does, and killed when they
    do not end then. KeyboardInterrupt, which a signal to us becomes, ends it in the same way.
    """
    began = time.monotonic()
    process = subprocess.Popen(
        [*_END_WITH_US, *step.command],
        cwd=folder,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    teller = threading.Thread(target=_tell, args=(process, log), daemon=True)
    teller.start()
    try:
        code = process.wait(step.minutes * 60)
        problem = f"failed with {code}" if code else ""
    except subprocess.TimeoutExpired:
        problem = f"not within {step.minutes:g} minutes"
    except KeyboardInterrupt:
        _end(process)
        teller.join(OUTPUT_SECONDS)
        raise
    _end(process)
    # A program that left the step's group may keep its output open.
    teller.join(OUTPUT_SECONDS)
    return Ended(time.monotonic() - began, problem)


def _tell(process: subprocess.Popen[bytes], log: Path) -> None:
    assert process.stdout is not None
    with log.open("ab") as file, process.stdout as said:
        while some := os.read(said.fileno(), 1 << 16):
            for place in (sys.stdout.buffer, file):
                place.write(some)
                place.flush()


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        _signal_group(process.pid, signal.SIGINT)
        try:
            process.wait(LAST_WORDS_SECONDS)
        except subprocess.TimeoutExpired:
            pass
    # What its leader left behind, too.
    _signal_group(process.pid, signal.SIGKILL)
    process.wait()


def _signal_group(leader: int, signal_number: signal.Signals) -> None:
    try:
        os.killpg(leader, signal_number)
    except ProcessLookupError:
        pass
