# SPDX-License-Identifier: AGPL-3.0-or-later
"""A program that hangs: it takes connections, and answers nobody."""

import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from stage.waiting import wait_for

HungServer = Callable[[Path], "subprocess.Popen[bytes]"]

_LISTENS = (
    "import socket, sys, time; line = socket.socket(socket.AF_UNIX);"
    " line.bind(sys.argv[1]); line.listen(); time.sleep(60)"
)


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as line:
        return line.connect_ex(str(path)) == 0


@pytest.fixture
def hung_server() -> Iterator[HungServer]:
    """Give what starts one at a socket, and stops it there (SIGSTOP)."""
    with ExitStack() as at_end:

        def start(path: Path) -> "subprocess.Popen[bytes]":
            running = subprocess.Popen([sys.executable, "-c", _LISTENS, str(path)])
            at_end.callback(running.wait)
            at_end.callback(running.kill)
            wait_for(lambda: _listens(path), "it listens")
            running.send_signal(signal.SIGSTOP)
            return running

        yield start
