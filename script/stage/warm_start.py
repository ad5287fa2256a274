# SPDX-License-Identifier: AGPL-3.0-or-later
"""Starts the server's programs warm, for tests: forked by a process that has imported them.

Each is a process of its own with its own session, environment, folder and log, as one that is
executed. Only its imports, most of the processor's time of a start, were made before. How a
program starts on a machine is what the other starts of tests/ and script/hosts show.
"""

import atexit
import ctypes
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from stage.forked_work import MESSAGE_BYTES, Forker
from stage.waiting import POLL_SECONDS

# The entry points of guichet_programs, by the programs as they are typed.
ENTRIES = {"guichet-web": "web", "guichet-dispatcher": "dispatcher"}
IMPORTED = (
    "booking_web.app",
    "booking_web.commands.main",
    "booking_web.dispatcher.command",
    "booking_web.live_server.application",
    "gunicorn.app.base",
    "gunicorn.workers.gthread",
    "psycopg",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite.pysqlite",
    "uvicorn",
)
# What a library reads of the environment as it is imported: with it a program is executed.
READ_AT_IMPORT = "PROMETHEUS_MULTIPROC_DIR"
# prctl(2).
_SET_DEATH_SIGNAL, _SET_NAME = 1, 15
# proc_pid_stat(5), counted from 1.
_ARG_START, _ENV_START = 48, 50
# Room for what ps(1) and /proc show of a program: its words and its environment.
_ROOM_BYTES = 4096


class WarmProcess:
    """What `subprocess.Popen` is of a program that was executed."""

    def __init__(self, forker: Forker, order: Mapping[str, object], log: int) -> None:
        self._forker = forker
        self.pid: int = forker.ask({"fork": dict(order)}, log)
        self._code: int | None = None

    def poll(self) -> int | None:
        """Give the code with which it ended, or None."""
        if self._code is None:
            self._code = self._forker.ask({"poll": self.pid})
        return self._code

    def wait(self, timeout: float) -> int:
        """Wait for its end and give the code; raise subprocess.TimeoutExpired."""
        deadline = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(str(self.pid), timeout)
            time.sleep(POLL_SECONDS)
        return code

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)


class WarmStarter:
    """Begins programs for one process of tests; what it begins ends with it."""

    def __init__(self) -> None:
        self._forker: Forker | None = None

    def begin(
        self, words: Sequence[str], directory: Path, env: Mapping[str, str], log: int
    ) -> WarmProcess | None:
        """Begin a program of ours; give None where it is another one, which is executed."""
        entry = ENTRIES.get(Path(words[0]).name)
        if entry is None or READ_AT_IMPORT in env:
            return None
        if self._forker is None:
            room = {"ROOM": "." * _ROOM_BYTES, "PYTHONUNBUFFERED": "1"}
            self._forker = Forker(__name__, "." * _ROOM_BYTES, environment=room)
        order = {
            "entry": entry,
            "words": list(words),
            "directory": str(directory),
            "environment": dict(env),
        }
        return WarmProcess(self._forker, order, log)

    def close(self) -> None:
        """End all that still runs."""
        if self._forker is not None:
            self._forker.close()


def main() -> None:
    """Fork and look, as is asked on standard input, until nobody asks any more."""
    import guichet_programs

    for module in IMPORTED:
        import_module(module)
    # As guichet_programs does for a program that is executed.
    gc.freeze()
    atexit.register(gc.unfreeze)
    order = _order_of_fork()
    if order is not None:
        sys.argv = order["words"]
        sys.exit(getattr(guichet_programs, order["entry"])())


def _order_of_fork() -> dict[str, Any] | None:
    """Serve; return in each process that was forked what it is to be, in ours None."""
    orders = socket.socket(fileno=os.dup(sys.stdin.fileno()))
    while True:
        text, descriptors, _, _ = socket.recv_fds(orders, MESSAGE_BYTES, 1)
        if not text:
            return None
        order = json.loads(text)
        if "fork" in order:
            became_it, becomes_it = os.pipe()
            told: int | None = os.fork()
            if told == 0:
                orders.close()
                _become(order["fork"], descriptors[0])
                became: dict[str, Any] = order["fork"]
                return became
            os.close(descriptors[0])
            os.close(becomes_it)
            # It ends as its copy closes: who kills the program's group must find one.
            os.read(became_it, 1)
            os.close(became_it)
        else:
            ended, status = os.waitpid(order["poll"], os.WNOHANG)
            told = os.waitstatus_to_exitcode(status) if ended else None
        orders.sendall(json.dumps(told).encode())


def _become(order: dict[str, Any], log: int) -> None:
    """Be a process as one that was executed is."""
    os.setsid()
    prctl = ctypes.CDLL(None).prctl
    prctl(_SET_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
    words, environment = order["words"], order["environment"]
    prctl(_SET_NAME, Path(words[0]).name.encode(), 0, 0, 0)
    os.chdir(order["directory"])
    os.environ.clear()
    os.environ.update(environment)
    _show(_ARG_START, words)
    _show(_ENV_START, [f"{name}={value}" for name, value in environment.items()])
    nothing = os.open(os.devnull, os.O_RDONLY)
    for descriptor, standard in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(descriptor, standard)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))


def _show(field: int, texts: Sequence[str]) -> None:
    """Have /proc show these where it shows what a process was executed with."""
    fields = Path("/proc/self/stat").read_text(encoding="ascii").rpartition(")")[2]
    numbers = fields.split()
    start, end = (int(numbers[field - 3 + place]) for place in (0, 1))
    written = b"".join(os.fsencode(text) + b"\0" for text in texts)
    written = written[: end - start - 1].ljust(end - start, b"\0")
    ctypes.memmove(start, written, len(written))


if __name__ == "__main__":
    main()
