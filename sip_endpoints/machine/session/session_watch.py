# SPDX-License-Identifier: AGPL-3.0-or-later
"""A session that began anew beside a running telephone, which goes on through it.

In a call the stack's windows find the new session by themselves. Between calls there is none
that could notice: the telephone then begins anew as well.
"""

import time
from collections.abc import Callable
from pathlib import Path

from sip_endpoints.log import Log

log = Log(__name__)

LOOK_SECONDS = 1.0
# Of looks without a call: what a call leaves behind is told and put away first.
IDLE_LOOKS = 5


class SessionWatch:
    """Ends the telephone between calls where the session's socket is another; a loop's source."""

    def __init__(
        self,
        socket: Path,
        is_in_call: Callable[[], bool],
        end: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._socket = socket
        self._is_in_call = is_in_call
        self._end = end
        self._clock = clock
        self._known = self._mark()
        self._idle_looks = 0
        self._look_at = 0.0

    def poll(self) -> None:
        """Look, where it is time."""
        now = self._clock()
        if now < self._look_at:
            return
        self._look_at = now + LOOK_SECONDS
        if self._is_in_call():
            self._idle_looks = 0
            return
        self._idle_looks += 1
        mark = self._mark()
        # One that is away is waited for: the telephone would not start without.
        if mark in (None, self._known) or self._idle_looks < IDLE_LOOKS:
            return
        log.info("the session began anew: so does the telephone")
        self._known = mark
        self._end()

    def _mark(self) -> tuple[int, int] | None:
        try:
            seen = self._socket.stat()
        except OSError:
            return None
        return seen.st_ino, seen.st_ctime_ns
