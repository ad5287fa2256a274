# SPDX-License-Identifier: AGPL-3.0-or-later
"""Times `script/demo` from its start until it says that it is ready, then stops it."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

READY = "The demo is ready"
STOP_SECONDS = 60
TAIL_LINES = 3


class DemoFailed(Exception):
    """The demo ended before it was ready, or did not stop; the text holds its last words."""


def seconds_until_ready(repository: Path, environment: Mapping[str, str]) -> float:
    """Return the seconds from the command until the demo's address is printed."""
    began = time.monotonic()
    demo = subprocess.Popen(
        [str(repository / "script" / "demo")],
        cwd=repository,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        ready_at = _wait_ready(demo)
    finally:
        _stop(demo)
    return ready_at - began


def _wait_ready(demo: subprocess.Popen[str]) -> float:
    said: list[str] = []
    assert demo.stdout is not None
    for line in demo.stdout:
        if line.startswith(READY):
            return time.monotonic()
        said.append(line.strip())
    raise DemoFailed("not ready: " + " | ".join(said[-TAIL_LINES:]))


def _stop(demo: subprocess.Popen[str]) -> None:
    """Ask it to end as Ctrl-C does, and read on so that it can print its farewell."""
    if demo.poll() is None:
        demo.send_signal(signal.SIGINT)
    try:
        demo.communicate(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired as error:
        demo.kill()
        raise DemoFailed(f"did not stop within {STOP_SECONDS} s") from error
