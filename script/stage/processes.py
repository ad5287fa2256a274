# SPDX-License-Identifier: AGPL-3.0-or-later
"""The programs of a stage: started, watched, stopped, killed; none outlives the stage."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Protocol
from weakref import WeakSet

import click
import psutil
from click.testing import CliRunner

from stage.waiting import PATIENCE, POLL_SECONDS, NotInTime

# Every program of a stage carries the stage's folder here, and so do its children:
# by it the processes that are left are counted.
MARK = "STAGE_DIRECTORY"
LOG_TAIL_LINES = 15


def die_with_stage(number: signal.Signals) -> tuple[str, ...]:
    """Give the words before a program's that have the kernel send it this signal.

    When the thread that started it ends, however it ends (util-linux); it stays set across the
    exec.
    """
    return ("setpriv", "--pdeathsig", number.name.removeprefix("SIG"), "--")


DIE_WITH_STAGE = die_with_stage(signal.SIGKILL)


class Running(Protocol):
    """What `subprocess.Popen` is of a program, however it was begun."""

    pid: int

    def poll(self) -> int | None:
        """Give the code with which it ended, or None."""

    def wait(self, timeout: float) -> int:
        """Wait for its end and give the code; raise subprocess.TimeoutExpired."""

    def send_signal(self, sig: int) -> None:
        """Send it a signal."""


class Starter(Protocol):
    """Begins some programs otherwise than by executing them: see `stage.warm_start`."""

    def begin(
        self, words: Sequence[str], directory: Path, env: Mapping[str, str], log: int
    ) -> Running | None:
        """Begin a program; give None where it is to be executed."""


class ProgramFailed(Exception):
    """A program ended early or did not become ready; the text holds its log's end."""


class Program:
    """One program, which can be started again after it was stopped or killed.

    It gets its own session, so that Ctrl-C at the terminal reaches only the stage, which
    then stops the programs in order; and it is killed when the stage itself is killed.
    Start programs from the stage's main thread.
    """

    # None: all are executed, as on a machine.
    starter: ClassVar[Starter | None] = None
    # Those of this process that somebody holds.
    known: ClassVar["WeakSet[Program]"] = WeakSet()

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        directory: Path,
        log: Path,
        environment: Mapping[str, str] | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        stop_seconds: float = 10.0,
        death_signal: signal.Signals = signal.SIGKILL,
    ) -> None:
        """Take what it is begun with; `death_signal` is what it gets when the stage is killed.

        SIGTERM is for one that has children, which nobody but it ends then.
        """
        self.name = name
        self.log = log
        self._words = [str(part) for part in command]
        self._behind: list[str] = []
        self._directory = directory
        self._environment = {
            # First: of a long environment only so much may be shown (stage.warm_start).
            **{MARK: "", **os.environ},
            MARK: str(directory),
            "PYTHONUNBUFFERED": "1",
            **(environment or {}),
        }
        self._stop_signal = stop_signal
        self._stop_seconds = stop_seconds
        self._die_with_stage = die_with_stage(death_signal)
        self._process: Running | None = None
        self._log_start = 0
        self._was_started = False
        self.known.add(self)

    @property
    def pid(self) -> int:
        """Give the process id; raises ProgramFailed when it does not run."""
        if self._process is None or self._process.poll() is not None:
            raise ProgramFailed(f"{self.name} is not running")
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Tell whether the program runs now."""
        return self._process is not None and self._process.poll() is None

    @property
    def was_started(self) -> bool:
        """Tell whether somebody started it and did not stop or kill it since."""
        return self._was_started

    def start(self) -> None:
        """Start the program; does nothing when it runs."""
        if self.is_running:
            return
        self._was_started = True
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._log_start = log.tell()
            self._process = self._warm(log.fileno()) or subprocess.Popen(
                [*self._behind, *self._die_with_stage, *self._words],
                cwd=self._directory,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _warm(self, log: int) -> Running | None:
        if self.starter is None or self._behind:
            return None
        words, environment = self._words, self._environment
        return self.starter.begin(words, self._directory, environment, log)

    def run_behind(self, command: Sequence[str]) -> None:
        """From its next start on, run it behind this command, such as `nsenter`."""
        self._behind = list(command)

    def wait_until(
        self, is_ready: Callable[[], bool], timeout_seconds: float = 60.0
    ) -> None:
        """Return once `is_ready`; raise ProgramFailed if it ends or is late."""
        timeout_seconds *= PATIENCE
        deadline = time.monotonic() + timeout_seconds
        while not is_ready():
            if not self.is_running:
                raise ProgramFailed(f"{self.name} ended early:\n{self.log_tail()}")
            if time.monotonic() > deadline:
                raise ProgramFailed(
                    f"{self.name} not ready within {timeout_seconds:g} s:\n"
                    f"{self.log_tail()}"
                )
            time.sleep(POLL_SECONDS)

    def log_text(self) -> str:
        """Give what the program wrote since its last start."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            return log.read().decode(errors="replace")

    def log_tail(self, lines: int = LOG_TAIL_LINES) -> str:
        """Give the last lines of the program's log, for an error message."""
        return "\n".join(self.log_text().splitlines()[-lines:])

    def ask_to_stop(self) -> None:
        """Send the stop signal and return at once."""
        self._was_started = False
        if self._process is not None and self.is_running:
            self._process.send_signal(self._stop_signal)

    def stop(self) -> bool:
        """Ask it to end, kill it when it does not; tell whether it ended by itself."""
        if self._process is None:
            return True
        self.ask_to_stop()
        try:
            self._process.wait(self._stop_seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return False
        self._kill_group()
        return True

    def kill(self) -> None:
        """Kill it and all its children at once (kill -9)."""
        self._was_started = False
        if self._process is None:
            return
        self._kill_group()
        self._process.wait(self._stop_seconds)

    def freeze(self) -> None:
        """Stop its clock, as a pulled plug does: connections stay, nobody answers."""
        os.killpg(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen program go on."""
        os.killpg(self.pid, signal.SIGCONT)

    def _kill_group(self) -> None:
        # The group's id is the leader's pid; it stays taken while a child is left.
        if self._process is not None:
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass


def processes_of(directory: Path) -> list[psutil.Process]:
    """Give every live process of the stage in `directory`, children included."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                continue
            if _is_of(process, str(directory)):
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def _is_of(process: psutil.Process, directory: str) -> bool:
    # nginx and Chromium write the names of their children over the environment.
    return directory in (process.environ().get(MARK), process.cwd())


def processes_left(directory: Path, timeout_seconds: float = 10.0) -> int:
    """Count the stage's processes after its stop, once they had time to end."""
    deadline = time.monotonic() + timeout_seconds * PATIENCE
    while left := len(processes_of(directory)):
        if time.monotonic() > deadline:
            break
        time.sleep(POLL_SECONDS)
    return left


def run_once(
    command: Sequence[str],
    *,
    directory: Path,
    environment: Mapping[str, str] | None = None,
    timeout_seconds: float = 120.0,
) -> str:
    """Run a command to its end and give its standard output; raise ProgramFailed."""
    try:
        result = subprocess.run(
            [str(part) for part in command],
            cwd=directory,
            env={**os.environ, MARK: str(directory), **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout_seconds,
        )
    except subprocess.TimeoutExpired as error:
        raise NotInTime(f"{command[0]}: not within {timeout_seconds:g} s") from error
    if result.returncode != 0:
        raise ProgramFailed(
            f"{' '.join(map(str, command[:3]))} ended with {result.returncode}:\n"
            f"{result.stderr.strip() or result.stdout.strip()}"
        )
    return result.stdout


def run_in_process(
    command: click.Command, arguments: Sequence[str], environment: Mapping[str, str]
) -> str:
    """Run a click command here, to its end; as `run_once` does otherwise."""
    result = CliRunner().invoke(command, [*arguments], env=dict(environment))
    if result.exit_code != 0:
        raise ProgramFailed(
            f"{command.name} {' '.join(arguments[:2])} ended with {result.exit_code}:\n"
            f"{result.stderr.strip() or result.output.strip()}"
        ) from result.exception
    return result.stdout
