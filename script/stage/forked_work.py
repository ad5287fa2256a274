# SPDX-License-Identifier: AGPL-3.0-or-later
"""Lets a process have many processes that work on files: they are forked, not started.

`python -m stage.forked_work MODULE` has imported MODULE and forks itself for each of them: each
has seen no file, and is within the limits that MODULE sets. To start them took half of the
processor's time of all tests that send files or print papers.
"""

import atexit
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from importlib import import_module
from types import SimpleNamespace
from typing import Any
from unittest import mock

from booking_web.base import own_process

# What is imported before a process forks itself, by the module that its forks run.
FORKED: dict[str, tuple[str, ...]] = {
    "booking_web.domain.documents.examination": (),
    "booking_web.domain.forms.once": (),
    "booking_web.telling.papers.paper_work": ("weasyprint", "weasyprint.text.fonts"),
}
MESSAGE_BYTES = 1 << 17

Begin = Callable[..., Any]


class Forker:
    """Our side of a process that forks itself; any thread may ask it."""

    def __init__(
        self, module: str, argument: str, environment: Mapping[str, str] | None = None
    ) -> None:
        """Run the module, which takes orders on its standard input, with this argument."""
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._lock = threading.Lock()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, argument],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                env={
                    **os.environ,
                    "PYTHONPATH": os.pathsep.join(sys.path),
                    **(environment or {}),
                },
                start_new_session=True,
            )

    def ask(self, order: dict[str, Any], *descriptors: int) -> Any:
        """Give its answer to one order."""
        with self._lock:
            socket.send_fds(self._ours, [json.dumps(order).encode()], descriptors)
            return json.loads(self._ours.recv(MESSAGE_BYTES))

    @property
    def is_open(self) -> bool:
        """Tell whether it still answers: those that it forked are not asked for after it."""
        return self._ours.fileno() >= 0

    def close(self) -> None:
        """End it."""
        self._ours.close()
        self._process.wait()


class ForkedProcess:
    """What `subprocess.Popen` is of a process that was started."""

    def __init__(self, forker: Forker, stdin: int, place: str) -> None:
        self._forker = forker
        self.pid: int = forker.ask({"fork": place}, stdin)
        self._code: int | None = None

    def poll(self) -> int | None:
        """Give the code with which it ended, or None."""
        return self._ended("poll")

    def wait(self) -> int:
        """Wait for its end and give the code."""
        code = self._ended("wait")
        assert code is not None
        return code

    def kill(self) -> None:
        """End it at once."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)

    def _ended(self, order: str) -> int | None:
        if self._code is None and not self._forker.is_open:
            # At the end of all tests: its own side of the work is gone as well.
            self._code = -signal.SIGKILL
        elif self._code is None:
            self._code = self._forker.ask({order: self.pid})
        return self._code


@contextmanager
def forks(runner: str = __name__) -> Iterator[Begin]:
    """Give what begins a process as `subprocess.Popen` does, by a fork where it can.

    `runner` is the module that forks itself: another one may change what its forks run.
    """
    with ExitStack() as stack:
        forkers: dict[str, Forker] = {}
        lock = threading.Lock()

        def begin(
            command: list[str],
            stdin: int,
            stdout: int,
            stderr: int,
            env: dict[str, str],
        ) -> ForkedProcess | subprocess.Popen[bytes]:
            module = command[-1]
            if module not in FORKED:
                return subprocess.Popen(
                    command, stdin=stdin, stdout=stdout, stderr=stderr, env=env
                )
            with lock:
                if module not in forkers:
                    forkers[module] = Forker(runner, module)
                    stack.callback(forkers[module].close)
            return ForkedProcess(forkers[module], stdin, env["TMPDIR"])

        yield begin


@contextmanager
def begun_by(begin: Begin) -> Iterator[None]:
    """Have the processes of files and papers begun so while the block lasts."""
    processes = SimpleNamespace(Popen=begin, DEVNULL=subprocess.DEVNULL)
    with mock.patch.object(own_process, "subprocess", processes):
        yield


def main(module: str) -> None:
    """Fork, wait and look, as is asked on standard input, until nobody asks any more."""
    work: Callable[[], None] = import_module(module).main
    for each in FORKED[module]:
        import_module(each)
    gc.freeze()
    with socket.socket(fileno=os.dup(sys.stdin.fileno())) as orders:
        while True:
            text, descriptors, _, _ = socket.recv_fds(orders, MESSAGE_BYTES, 1)
            if not text:
                return
            order = json.loads(text)
            if "fork" in order:
                pid = os.fork()
                if pid == 0:
                    orders.close()
                    _work(work, descriptors[0], order["fork"])
                os.close(descriptors[0])
                told: int | None = pid
            else:
                ((kind, pid),) = order.items()
                ended, status = os.waitpid(pid, os.WNOHANG if kind == "poll" else 0)
                told = os.waitstatus_to_exitcode(status) if ended else None
            orders.sendall(json.dumps(told).encode())


def _work(work: Callable[[], None], descriptor: int, place: str) -> None:
    """Be the process of one file."""
    os.dup2(descriptor, sys.stdin.fileno())
    os.close(descriptor)
    # What a library says of a file is nobody's.
    os.dup2(sys.stdout.fileno(), sys.stderr.fileno())
    os.environ["TMPDIR"] = tempfile.tempdir = place
    code = 1
    try:
        work()
        code = 0
    finally:
        atexit._run_exitfuncs()
        os._exit(code)


if __name__ == "__main__":
    main(sys.argv[1])
