# SPDX-License-Identifier: AGPL-3.0-or-later
"""How loud the kiosk is, at its sound server; through WirePlumber's own program.

A call's level is one of five. What the site had set comes back when the call is over, also
where the telephone was killed meanwhile. Nothing here waits: the program runs beside the
loop, one question or order at a time.
"""

import os
import re
import subprocess
import time
from collections import deque
from pathlib import Path

from sip_endpoints.log import Log

log = Log(__name__)

PROGRAM = "wpctl"
# Where call, cues and the page's voice all go: what cancels the echo, or the card itself.
LOUDSPEAKER = "@DEFAULT_AUDIO_SINK@"
# By level, from 1 on: never silent, never more than the card gives by itself.
LEVELS = (0.3, 0.45, 0.6, 0.8, 1.0)
LIMIT_SECONDS = 3.0
# A sound server that starts after the telephone is asked again.
AGAIN_SECONDS = 30.0
_TOLD = re.compile(r"Volume: (\d+(?:\.\d+)?)")


class Loudness:
    """The volume of the one loudspeaker; a part of the telephone's loop."""

    def __init__(self, kept_file: Path, program: str = PROGRAM) -> None:
        self._program = program
        # Holds the site's own volume while a call has another.
        self._kept_file = kept_file
        self._orders: deque[tuple[str, ...]] = deque()
        self._running: subprocess.Popen[bytes] | None = None
        self._ends_at = 0.0
        self._is_question = False
        self._asked_at: float | None = None
        self._volume: float | None = None
        self._has_answer = False
        # Wanted before anybody knew what the site's own is.
        self._wanted: int | None = None
        self._is_restoring = False
        self._reason = ""
        self.restore()

    @property
    def level(self) -> int | None:
        """Give the level that is nearest; None where no sound server tells one."""
        if self._volume is None:
            return None
        gaps = [abs(each - self._volume) for each in LEVELS]
        return gaps.index(min(gaps)) + 1

    def set(self, level: int) -> None:
        """Be as loud as this level for the rest of the call; what is muted is heard."""
        if not 1 <= level <= len(LEVELS):
            raise ValueError(level)
        self._is_restoring = False
        if self._volume is None and self._sites_own() is None:
            self._wanted = level
            self._ask()
            return
        self._keep_sites_own()
        self._want(LEVELS[level - 1])

    def restore(self) -> None:
        """Be as loud as the site has set it, where a call had changed that."""
        own, self._wanted = self._sites_own(), None
        self._is_restoring = own is not None
        if own is not None:
            self._want(own)

    def poll(self) -> bool:
        """Go on with what is to be asked and ordered; tell whether an answer came."""
        self._has_answer = False
        now = time.monotonic()
        if self._running is not None:
            self._look_after(self._running, now)
        if self._running is None and not self._orders and self._is_to_be_asked(now):
            if self._is_restoring:
                self.restore()
            else:
                self._ask()
        if self._running is None and self._orders:
            self._start(self._orders.popleft(), now)
        return self._has_answer

    def close(self) -> None:
        """Let go of what still runs; the site's own volume comes back at the next start."""
        if self._running is not None:
            _end(self._running)
            self._running = None

    def _is_to_be_asked(self, now: float) -> bool:
        if self._asked_at is None:
            return True
        return self._volume is None and now - self._asked_at > AGAIN_SECONDS

    def _want(self, volume: float) -> None:
        # An order that has not begun is worth nothing once there is a newer one.
        self._orders.clear()
        self._orders.append(("set-mute", LOUDSPEAKER, "0"))
        self._orders.append(("set-volume", LOUDSPEAKER, f"{volume:.4f}"))
        self._ask()

    def _ask(self) -> None:
        self._orders.append(("get-volume", LOUDSPEAKER))

    def _start(self, order: tuple[str, ...], now: float) -> None:
        self._ends_at = now + LIMIT_SECONDS
        self._is_question = order[0] == "get-volume"
        if self._is_question:
            self._asked_at = now
        try:
            self._running = subprocess.Popen(
                [self._program, *order],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=os.environ | {"LC_ALL": "C"},
            )
        except OSError as error:
            self._give_up(str(error))

    def _look_after(self, running: "subprocess.Popen[bytes]", now: float) -> None:
        code = running.poll()
        if code is None:
            if now > self._ends_at:
                _end(running)
                self._give_up("the sound server does not answer")
            return
        # A line at most: it fits the pipe, and its writer is gone.
        told = running.communicate()[0].decode(errors="replace")
        self._running = None
        if code != 0:
            self._give_up(f"the sound server refused ({code})")
        elif found := _TOLD.search(told):
            self._take_answer(float(found.group(1)))
        elif self._is_question:
            self._give_up("the sound server tells no volume")

    def _take_answer(self, volume: float) -> None:
        self._volume, self._reason = volume, ""
        if self._wanted is not None:
            level, self._wanted = self._wanted, None
            self.set(level)
            return
        self._has_answer = True
        if self._is_restoring and not self._orders:
            self._is_restoring = False
            self._kept_file.unlink(missing_ok=True)

    def _give_up(self, reason: str) -> None:
        self._running = self._wanted = None
        self._orders.clear()
        self._volume, self._has_answer = None, True
        self._asked_at = time.monotonic()
        if reason != self._reason:
            log.warning("volume neither told nor set", reason=reason)
        self._reason = reason

    def _keep_sites_own(self) -> None:
        if self._volume is None or self._sites_own() is not None:
            return
        try:
            self._kept_file.parent.mkdir(parents=True, exist_ok=True)
            self._kept_file.write_text(f"{self._volume}\n")
        except OSError as error:
            log.warning("the site's volume is not kept", reason=str(error))

    def _sites_own(self) -> float | None:
        try:
            own = float(self._kept_file.read_text())
        except (OSError, ValueError):
            return None
        return min(own, LEVELS[-1]) if own > 0 else None


def _end(running: "subprocess.Popen[bytes]") -> None:
    running.kill()
    running.wait()
    if running.stdout is not None:
        running.stdout.close()
