# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whether the browser and its page still live; asked of the browser every few seconds.

A browser that hangs and a page that crashed ("Aw, Snap!") stay on the screen as they are: no
process ends. The browser is asked by two pipes that are its parent's alone
(`--remote-debugging-pipe`): nothing listens. Once they are closed, the browser ends. It tells
which pages there are, and of each that crashes; our policy forbids to look into any. So a page
says by its title that its own script goes on: a mark that nobody sees comes and goes.
"""

import fcntl
import json
import os
import time
from collections.abc import Callable, Sequence
from typing import Any

PIPE_OPTION = "--remote-debugging-pipe"
ASK_SECONDS = 2.0
# A page that draws a large document is busy for a second or two on a slow machine.
SILENT_SECONDS = 15.0
# Ends the title of a page that lives, every other time, and of one that nobody sees, whose
# script rests. static/kiosk/beat.js writes them; tests/contracts holds them equal.
BEAT, REST = "\u200b", "\u200c"
# In the title of a page that has a wish for help which nobody was told of yet.
HELP = "\u2060"
# From its start on: a cold disk, a page over a thin line.
FIRST_SECONDS = 60.0
_MAX_BYTES = 1_000_000
# Chromium reads from 3 and writes to 4; ours are kept clear of them.
_FIRST_OF_OURS = 10


class Pulse:
    """One browser's pipes; `look` never waits."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._theirs_read, self._ours_write = _pipe()
        self._ours_read, self._theirs_write = _pipe()
        for each in (self._ours_read, self._ours_write):
            os.set_blocking(each, False)
        self._received = b""
        self._number = 0
        self._ask_at = 0.0
        self._has_crashed = False
        # What the page is, and what it told last.
        self._address = self._title = ""
        self._has_beaten = False
        self._told_at = 0.0
        # None: it does not say.
        self.wants_help: bool | None = None
        self._answered_at = clock() + FIRST_SECONDS - SILENT_SECONDS

    @property
    def address(self) -> str:
        """Give where the page was when it told so last; empty: it has not."""
        return self._address

    @property
    def theirs(self) -> tuple[int, int]:
        """Give the browser's ends, which it has to inherit."""
        return self._theirs_read, self._theirs_write

    def words_around(self, words: Sequence[str]) -> list[str]:
        """Give the words by which the browser finds its ends where it looks for them."""
        read, write = self.theirs
        moved = f"3<&{read} 4>&{write} {read}<&- {write}>&-"
        return ["bash", "-c", f'exec "$@" {moved}', "bash", *words, PIPE_OPTION]

    def leave_theirs(self) -> None:
        """Close the browser's ends here, once it has its own."""
        os.close(self._theirs_read)
        os.close(self._theirs_write)

    def close(self) -> None:
        """Close ours."""
        os.close(self._ours_read)
        os.close(self._ours_write)

    def look(self) -> bool:
        """Hear, ask, and tell whether the page lives."""
        now = self._clock()
        for message in self._hear():
            self._take(message, now)
        if now >= self._ask_at:
            self._ask_at = now + ASK_SECONDS
            if not self._number:
                self._ask("Target.setDiscoverTargets", {"discover": True})
            self._ask("Target.getTargets")
        has_stopped = self._has_beaten and now - self._told_at >= SILENT_SECONDS
        is_silent = now - self._answered_at >= SILENT_SECONDS
        return not (self._has_crashed or has_stopped or is_silent)

    def _take(self, message: dict[str, Any], now: float) -> None:
        if message.get("method") == "Target.targetCrashed":
            self._has_crashed = True
        result = message.get("result")
        if not isinstance(result, dict) or "targetInfos" not in result:
            return
        pages = [e for e in result["targetInfos"] if e.get("type") == "page"]
        if not pages:
            return
        self._answered_at = now
        address, title = str(pages[0].get("url", "")), str(pages[0].get("title", ""))
        is_same = address == self._address
        if not is_same or title.endswith(REST):
            self._has_beaten = False
        elif title.endswith(BEAT):
            self._has_beaten = True
        if HELP in title:
            self.wants_help = True
        else:
            self.wants_help = False if title.endswith(BEAT) else None
        if not is_same or title != self._title:
            self._told_at = now
        self._address, self._title = address, title

    def _ask(self, method: str, parameters: dict[str, Any] | None = None) -> None:
        self._number += 1
        asked = {"id": self._number, "method": method, "params": parameters or {}}
        try:
            os.write(self._ours_write, json.dumps(asked).encode() + b"\0")
        except OSError:
            # Ended, or so busy that the pipe is full: no answer says so.
            return

    def _hear(self) -> list[dict[str, Any]]:
        try:
            while data := os.read(self._ours_read, 65536):
                self._received += data
                if len(self._received) > _MAX_BYTES:
                    self._received = b""
        except OSError:
            # Nothing more for now.
            pass
        *whole, self._received = self._received.split(b"\0")
        found = []
        for each in whole:
            try:
                message = json.loads(each)
            except ValueError:
                continue
            if isinstance(message, dict):
                found.append(message)
        return found


def _pipe() -> tuple[int, int]:
    """Give the ends of a pipe, with numbers that are none of the browser's."""
    ends = []
    for each in os.pipe():
        ends.append(fcntl.fcntl(each, fcntl.F_DUPFD_CLOEXEC, _FIRST_OF_OURS))
        os.close(each)
    return ends[0], ends[1]
