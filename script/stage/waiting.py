# SPDX-License-Identifier: AGPL-3.0-or-later
"""Waiting for a condition with a deadline."""

import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")
POLL_SECONDS = 0.02


class NotInTime(Exception):
    """The condition did not come true before its deadline."""


def wait_for(
    condition: Callable[[], Value | None],
    what: str,
    timeout_seconds: float = 15.0,
    poll_seconds: float = POLL_SECONDS,
) -> Value:
    """Return the condition's first true value; raise NotInTime naming `what`."""
    deadline = time.monotonic() + timeout_seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= deadline:
            raise NotInTime(f"{what}: not within {timeout_seconds:g} s")
        time.sleep(poll_seconds)
