# SPDX-License-Identifier: AGPL-3.0-or-later
"""Work on a stranger's file in a process of its own, which may crash or hang: our side.

Orders and answers are JSON on a socket; files go with them as descriptors and live in
memory (memfd): a plain document never meets the disk. What a library writes all the same, such
as fonts, it writes into a place of that process, which is wiped with it. The other side is
`limited_work`.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import weakref
from collections.abc import Sequence
from typing import Any, BinaryIO

import structlog

from booking_web.base.limited_work import PLACE_PREFIX

logger = structlog.get_logger(__name__)

LONGEST_ANSWER_BYTES = 4096
# How a process ends that ran into its limits: killed, CPU time, abort, crash.
_BY_ITS_LIMITS = frozenset({-9, -24, -6, -11})
# How one ends that was given nothing to do for a long time.
_TIRED = 0

# What a process is told besides its place: how Python finds its modules, and words their form.
_TOLD = ("PATH", "PYTHONPATH", "PYTHONHOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ")

Answer = dict[str, Any]


class ProcessError(Exception):
    """The base of what can go wrong with a process."""


class RanIntoLimits(ProcessError):
    """The file made its process use more time or memory than it may."""


class NoProcess(ProcessError):
    """No process took the order."""


class LimitedProcess:
    """One process that runs `module`; who makes it ends it."""

    def __init__(self, module: str) -> None:
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._place = tempfile.mkdtemp(prefix=PLACE_PREFIX)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                # A traceback may quote the file; what went wrong is in the answer.
                stderr=subprocess.DEVNULL,
                env=_environment(self._place),
            )
        except BaseException:
            self._ours.close()
            shutil.rmtree(self._place)
            raise
        finally:
            theirs.close()

    @property
    def pid(self) -> int:
        """Give its number."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Tell whether it may still be given an order."""
        return self._process.poll() is None

    def ask(
        self, order: Answer, files: Sequence[BinaryIO], timeout_seconds: float
    ) -> Answer | None:
        """Give its answer, or None where it ended before it took the order.

        Raises RanIntoLimits where it ended, or did not end, over the order. Then, as
        after None, it is no good for another order.
        """
        self._ours.settimeout(timeout_seconds)
        descriptors = [each.fileno() for each in files]
        try:
            socket.send_fds(self._ours, [json.dumps(order).encode()], descriptors)
        except (BrokenPipeError, ConnectionResetError):
            return None
        try:
            answer = self._ours.recv(LONGEST_ANSWER_BYTES)
        except TimeoutError as error:
            raise RanIntoLimits("it does not answer") from error
        except ConnectionResetError:
            answer = b""
        if answer:
            told: Answer = json.loads(answer)
            return told
        # Its end of the socket closed with it: how it ended is known at once.
        code = self._process.wait()
        if code == _TIRED:
            return None
        if code in _BY_ITS_LIMITS:
            raise RanIntoLimits(f"ended with {code}")
        return {"failed": f"ended with {code}"}

    def end(self) -> None:
        """End it, if it has not ended by itself."""
        self._ours.close()
        if self.is_running:
            self._process.kill()
        self._process.wait()
        # It wipes this itself where it ends by itself, as when our side was killed.
        shutil.rmtree(self._place, ignore_errors=True)


class FreshProcesses:
    """Gives each file a process that has seen no other; any thread may call it.

    Starting one takes longer than most files do, so one is kept that waits. Make it
    after a fork, not before.
    """

    def __init__(self, module: str) -> None:
        self._module = module
        self._lock = threading.Lock()
        # At most one; a list, so that it can be ended when nobody has this object any more.
        self._ready: list[LimitedProcess] = []
        weakref.finalize(self, _end_all, self._ready)

    @property
    def waiting_pid(self) -> int | None:
        """Give the number of the process that waits, if one does."""
        with self._lock:
            return self._ready[0].pid if self._ready else None

    def get_ready(self) -> None:
        """Have a process started for the next file, if none waits for one."""
        with self._lock:
            if self._ready and self._ready[0].is_running:
                return
            _end_all(self._ready)
            try:
                self._ready.append(LimitedProcess(self._module))
            except OSError as error:
                # The file itself will have its own try, and its own answer.
                logger.warning("no process ahead", error=error.strerror)

    def work(
        self, order: Answer, files: Sequence[BinaryIO], timeout_seconds: float
    ) -> Answer:
        """Have one order carried out; raises RanIntoLimits or NoProcess."""
        with self._lock:
            ready = self._ready.pop() if self._ready else None
        told = _once(ready, order, files, timeout_seconds) if ready else None
        if told is None:
            try:
                process = LimitedProcess(self._module)
            except OSError as error:
                raise NoProcess("no process can be started") from error
            told = _once(process, order, files, timeout_seconds)
        if told is None:
            raise NoProcess("the process took no order")
        return told


def _environment(place: str) -> dict[str, str]:
    """Give what it is told of the world: of a site's settings, nothing."""
    told = {name: os.environ[name] for name in _TOLD if name in os.environ}
    return {**told, "HOME": place, "TMPDIR": place}


def _once(
    process: LimitedProcess,
    order: Answer,
    files: Sequence[BinaryIO],
    timeout_seconds: float,
) -> Answer | None:
    try:
        return process.ask(order, files, timeout_seconds)
    except RanIntoLimits as error:
        logger.warning("a file ran into the limits", how=str(error))
        raise
    finally:
        process.end()


def _end_all(processes: list[LimitedProcess]) -> None:
    while processes:
        processes.pop().end()


def memory_file(name: str, content: bytes = b"") -> BinaryIO:
    """Give a file that lives in memory and has a descriptor, ready to be read."""
    file = os.fdopen(os.memfd_create(name), "w+b")
    if content:
        file.write(content)
        file.flush()
        file.seek(0)
    return file
