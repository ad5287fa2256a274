# SPDX-License-Identifier: AGPL-3.0-or-later
"""Waiting for a condition with a deadline."""

import os
import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")
POLL_SECONDS = 0.02
# Nobody waits that long where all is well, and a machine with much else to do is no fault.
PATIENCE_SECONDS = 30.0
# Every deadline is so many times as late: more than once where a machine that has far too much
# to do is to fail nothing (script/test sets it).
PATIENCE = float(os.environ.get("GUICHET_PATIENCE", "1"))


class NotInTime(Exception):
    """The condition did not come true before its deadline."""


def wait_for(
    condition: Callable[[], Value | None],
    what: str,
    timeout_seconds: float = PATIENCE_SECONDS,
    poll_seconds: float = POLL_SECONDS,
) -> Value:
    """Return the condition's first true value; raise NotInTime naming `what`."""
    deadline = time.monotonic() + timeout_seconds * PATIENCE
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= deadline:
            raise NotInTime(f"{what}: not within {timeout_seconds * PATIENCE:g} s")
        time.sleep(poll_seconds)
