# SPDX-License-Identifier: AGPL-3.0-or-later
"""Has a stranger's file examined in a process of its own, which may crash or hang.

Each process examines one file and ends. Starting it takes longer than most files do, so
one is kept that has not seen any file yet. The files between the two live in memory
(memfd): a plain document never meets the disk.
"""

import json
import os
import socket
import subprocess
import sys
import threading
import weakref
from dataclasses import dataclass
from typing import Any, BinaryIO

import structlog

from booking_web.domain.documents.errors import (
    DocumentRefused,
    ExaminerUnavailable,
    Refusal,
)

logger = structlog.get_logger(__name__)

TIMEOUT_SECONDS = 45.0
LONGEST_ANSWER_BYTES = 4096
# How a process ends that ran into its limits: killed, CPU time, abort, crash.
_BY_ITS_LIMITS = frozenset({-9, -24, -6, -11})
# How one ends that was given nothing to do for a long time.
_TIRED = 0


@dataclass(frozen=True)
class Examined:
    """A harmless PDF; whoever gets it closes it."""

    pdf: BinaryIO
    pages: int


class Examiner:
    """Examines and draws; any thread may call it. Make it after a fork, not before."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # At most one; a list, so that it can be ended when nobody has the examiner any more.
        self._ready: list[_Process] = []
        weakref.finalize(self, _end_all, self._ready)

    def get_ready(self) -> None:
        """Have a process started for the next file, if none waits for one."""
        with self._lock:
            if self._ready and self._ready[0].is_running:
                return
            _end_all(self._ready)
            try:
                self._ready.append(_Process())
            except OSError as error:
                # The file itself will have its own try, and its own answer.
                logger.warning("no examination ahead", error=error.strerror)

    def examine(self, source: BinaryIO, max_pages: int) -> Examined:
        """Give the harmless PDF that comes of a PDF, JPEG or PNG.

        `source` must be a real file (with a descriptor). Raises DocumentRefused or
        ExaminerUnavailable.
        """
        output = memory_file("document")
        try:
            told = self._run("examine", source, output, {"max_pages": max_pages})
        except BaseException:
            output.close()
            raise
        return Examined(output, int(told["pages"]))

    def draw_preview(self, pdf: BinaryIO) -> BinaryIO:
        """Give a small PNG of the first page; raises as `draw_page` does."""
        return self._draw("preview", pdf, {})

    def draw_page(self, pdf: BinaryIO, page: int) -> BinaryIO:
        """Give a PNG of a page for a screen.

        Raises DocumentRefused or ExaminerUnavailable.
        """
        return self._draw("page", pdf, {"page": page})

    def _draw(self, work: str, pdf: BinaryIO, options: dict[str, int]) -> BinaryIO:
        output = memory_file("picture")
        try:
            self._run(work, pdf, output, options)
        except BaseException:
            output.close()
            raise
        return output

    def _run(
        self, work: str, source: BinaryIO, output: BinaryIO, options: dict[str, int]
    ) -> dict[str, Any]:
        source.seek(0)
        order = {"work": work, **options}
        with self._lock:
            ready = self._ready.pop() if self._ready else None
        told = ready.work(order, source, output) if ready else None
        if told is None:
            try:
                told = _Process().work(order, source, output)
            except OSError as error:
                raise ExaminerUnavailable("no process for the examination") from error
        if told is None:
            raise ExaminerUnavailable("the examination's process took no order")
        if "failed" in told:
            logger.error("examination failed", error=str(told["failed"])[:80])
            raise DocumentRefused(Refusal.DAMAGED)
        if "refused" in told:
            raise DocumentRefused(Refusal(told["refused"]))
        output.seek(0)
        return told


class _Process:
    """One process, for one file."""

    def __init__(self) -> None:
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "booking_web.domain.documents.examination"],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                # A traceback may quote the file; what went wrong is in the answer.
                stderr=subprocess.DEVNULL,
            )
        except BaseException:
            self._ours.close()
            raise
        finally:
            theirs.close()

    @property
    def is_running(self) -> bool:
        """Tell whether it may still be given a file."""
        return self._process.poll() is None

    def work(
        self, order: dict[str, Any], source: BinaryIO, output: BinaryIO
    ) -> dict[str, Any] | None:
        """Give its answer, or None where it ended before it took the order.

        Raises DocumentRefused where it ran into its limits.
        """
        try:
            answer = self._ask(order, source, output)
        except TimeoutError as error:
            raise DocumentRefused(Refusal.BOMB) from error
        finally:
            self.end()
        if answer:
            told: dict[str, Any] = json.loads(answer)
            return told
        code = self._process.returncode
        if answer is None or code == _TIRED:
            return None
        if code in _BY_ITS_LIMITS:
            logger.warning("examination ran into its limits", ended=code)
            raise DocumentRefused(Refusal.BOMB)
        return {"failed": f"ended with {code}"}

    def end(self) -> None:
        """End it, if it has not ended by itself."""
        self._ours.close()
        if self.is_running:
            self._process.kill()
        self._process.wait()

    def _ask(
        self, order: dict[str, Any], source: BinaryIO, output: BinaryIO
    ) -> bytes | None:
        """Give its answer, nothing where it ended over the file, None where before."""
        self._ours.settimeout(TIMEOUT_SECONDS)
        descriptors = [source.fileno(), output.fileno()]
        try:
            socket.send_fds(self._ours, [json.dumps(order).encode()], descriptors)
        except (BrokenPipeError, ConnectionResetError):
            return None
        try:
            answer = self._ours.recv(LONGEST_ANSWER_BYTES)
        except ConnectionResetError:
            answer = b""
        if not answer:
            # Its end of the socket closes with it: how it ended is known at once.
            self._process.wait()
        return answer


def _end_all(processes: list[_Process]) -> None:
    while processes:
        processes.pop().end()


def memory_file(name: str) -> BinaryIO:
    """Give an empty file that lives in memory and has a descriptor."""
    return os.fdopen(os.memfd_create(name), "w+b")
