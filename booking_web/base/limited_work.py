# SPDX-License-Identifier: AGPL-3.0-or-later
"""Work on a stranger's file in a process of its own: that process's side.

Limits on memory and time are set before the first byte of a file is read, and the process is
kept in (`confinement`). Standard input is a socket, on which orders come with the descriptors of
the files they are about.
"""

import atexit
import json
import os
import resource
import select
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO

from booking_web.base.confinement import confine

ORDER_BYTES = 65536
MAX_FILES = 4
# Begins the name of the directory in which a process has its temporary files.
PLACE_PREFIX = "guichet-work-"
# Ten times the largest document: what is written, into memory too, counts for no other limit.
FILE_BYTES = 512 * 1024 * 1024


def limit(memory_bytes: int, cpu_seconds: int) -> None:
    """Let this process have that much and no more, once and for all."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    _limit_files()
    confine(_place())


def limit_each_order(memory_bytes: int) -> None:
    """Let this process have that much memory; time is given by `allow`."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    _limit_files()
    confine(_place())


def allow(cpu_seconds: int) -> None:
    """Let this process have that much processor time from now on."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + 1 + cpu_seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def answer_one(
    answer: Callable[[dict[str, Any], list[BinaryIO]], dict[str, Any]],
    idle_seconds: float,
) -> None:
    """Wait for one order, answer it with what `answer` makes of it and its files, and end."""
    with ExitStack() as files:
        orders = Orders()
        files.callback(orders.close)
        if came := orders.wait(idle_seconds, files):
            orders.answer(answer(*came))


class Orders:
    """The orders that come on standard input."""

    def __init__(self) -> None:
        self._socket = socket.socket(fileno=os.dup(sys.stdin.fileno()))
        if place := _place():
            # Of a server that was killed nobody else would.
            atexit.register(shutil.rmtree, place, ignore_errors=True)

    def wait(
        self, idle_seconds: float, files: ExitStack
    ) -> tuple[dict[str, Any], list[BinaryIO]] | None:
        """Give the next order and its files; None where none comes any more.

        `files` closes what came.
        """
        if not select.select([self._socket], [], [], idle_seconds)[0]:
            return None
        text, descriptors, _, _ = socket.recv_fds(self._socket, ORDER_BYTES, MAX_FILES)
        came: list[BinaryIO] = [
            files.enter_context(os.fdopen(each, "r+b")) for each in descriptors
        ]
        # Nothing at all: the server ended, or does not need this process any more.
        return (json.loads(text), came) if text else None

    def answer(self, told: dict[str, Any]) -> None:
        """Answer the order that came last."""
        self._socket.sendall(json.dumps(told).encode())

    def close(self) -> None:
        """Take no more."""
        self._socket.close()


def _limit_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _place() -> Path | None:
    """Give the directory that is this process's own; None where it was begun by hand."""
    place = Path(tempfile.gettempdir())
    return place if place.name.startswith(PLACE_PREFIX) else None
