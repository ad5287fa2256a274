# SPDX-License-Identifier: AGPL-3.0-or-later
"""Has the program of the second screen wipe its part, and waits for its word.

The browser is another user's: what it holds only that user's own program can remove. It is
asked over the socket that the telephone uses; `sip_endpoints.machine.session` answers.
"""

import time
import uuid
from collections.abc import Callable
from typing import Any

import structlog

from device_bridge.wiping.traces import Cause, Part
from device_bridge.wiping.wiper import Wiper

log = structlog.get_logger(__name__)

# One that was just started has not heard the question before.
ASK_AGAIN_SECONDS = 5.0
# The browser closes in order, and is given time to; then it is killed.
LIMIT_SECONDS = 60.0

Broadcast = Callable[[dict[str, Any]], None]


class ScreenCompanion:
    """Belongs to the thread of the link."""

    def __init__(
        self,
        wiper: Wiper,
        broadcast: Broadcast,
        limit_seconds: float = LIMIT_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wiper = wiper
        self._broadcast = broadcast
        self._limit_seconds = limit_seconds
        self._clock = clock
        self._asked_for: int | None = None
        self._order = ""
        self._since = 0.0
        self._next_at = 0.0

    def turn(self) -> bool:
        """Ask if something is to be wiped; tell whether it was just found to be silent."""
        wanted = self._wiper.awaits(Part.SCREEN)
        now = self._clock()
        if wanted is None:
            if self._asked_for is not None:
                # A call came in between: what is shown now is wanted.
                self._asked_for = None
                self._broadcast({"wipe_screen": None})
            return False
        if wanted != self._asked_for:
            self._asked_for, self._order = wanted, uuid.uuid4().hex
            self._since, self._next_at = now, now
        if now >= self._next_at:
            self._next_at = now + ASK_AGAIN_SECONDS
            self._broadcast({"wipe_screen": self._order})
        if now - self._since < self._limit_seconds:
            return False
        # Said once in each round, so that a screen that fails otherwise keeps its cause.
        self._since = now
        self._wiper.fail(Part.SCREEN, wanted, Cause.SILENT)
        return True

    def take(self, message: dict[str, Any]) -> bool:
        """Take the screen's word; tell whether it was about what is asked now."""
        appointment = self._asked_for
        if appointment is None or message.get("order") != self._order:
            return False
        cause, found = message.get("cause", ""), message.get("found")
        # It lives: it is silent only if nothing more is heard of it.
        self._since = self._clock()
        if cause == "" and isinstance(found, int):
            self._asked_for = None
            self._wiper.note(Part.SCREEN, appointment, found)
            return True
        known = Cause(cause) if cause in list(Cause) else Cause.INTERNAL
        self._wiper.fail(Part.SCREEN, appointment, known)
        return True
