# SPDX-License-Identifier: AGPL-3.0-or-later
"""A steady frame about the picture of whoever speaks; through sway, by its own program.

Where there are two pictures, each has a border of the ground's colour; sway draws that of a window
which is marked urgent in another one (`sway.conf`). One picture alone has the whole screen: whoever
is seen speaks. Pictures stand in the order of the calls, the counsellor's first: a window that is
made anew comes last, and changes places then.
"""

import json
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from sip_endpoints.log import Log

log = Log(__name__)

TITLE = "pjmedia-SDL"
# Sway's own output of what is nowhere.
HIDDEN = "__"
BORDER_PIXELS = 10
# A session that hangs is not asked again at once.
LIMIT_SECONDS, AGAIN_SECONDS = 5.0, 2.0
# A picture that is about to come is drawn a moment later.
SOON_SECONDS = 0.5


class Asked(Protocol):
    """What was asked of sway, and is answered a moment later."""

    def answer(self) -> str | None:
        """Give what it says; None while it says nothing. Raises OSError where it failed."""

    def leave(self) -> None:
        """Wait for it no longer."""


class Swaymsg:
    """One order or question, by a process of its own that nobody waits for."""

    def __init__(self, socket: Path, words: list[str]) -> None:
        # What is asked fits the pipe: the tree has some ten windows.
        self._process = subprocess.Popen(
            ["swaymsg", "--raw", "--socket", str(socket), *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def answer(self) -> str | None:
        """Give what it says; None while it says nothing. Raises OSError where it failed."""
        code = self._process.poll()
        if code is None:
            return None
        assert self._process.stdout is not None
        with self._process.stdout as said:
            text = said.read().decode(errors="replace")
        if code:
            raise OSError(f"swaymsg ended with {code}")
        return text

    def leave(self) -> None:
        """Wait for it no longer."""
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


class Picture(NamedTuple):
    """A window with a picture: where it stands from the left, its number in sway."""

    place: int
    window: int
    is_focused: bool


@dataclass(frozen=True)
class Seen:
    """The pictures' windows, from the left."""

    pictures: list[int]
    # Where the keys belong, if a picture has them.
    other_output: str = ""


class SpeakerFrames:
    """Frames the pictures as it is wanted, a moment later; never waits, never raises."""

    def __init__(
        self,
        ask: Callable[[list[str]], Asked],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask = ask
        self._clock = clock
        # Who speaks, by the number of their call, in the order of the places.
        self._wanted: dict[int, bool] = {}
        self._done: dict[int, bool] = {}
        self._asked: Asked | None = None
        self._doing: dict[int, bool] | None = None
        # The window of each call, as sway numbers it.
        self._windows: dict[int, int] = {}
        self._until = self._again_at = 0.0

    def want(self, speaking: Mapping[int, bool], *, is_anew: bool = False) -> None:
        """Have these calls be seen in this order, and who of them speaks.

        `is_anew`: others are seen than before.
        """
        is_framed = len(speaking) > 1
        self._wanted = {call: is_framed and speaks for call, speaks in speaking.items()}
        if is_anew:
            self._done = {}
            self._again_at = 0.0

    def tend(self) -> None:
        """Go on with what is asked, or begin."""
        now = self._clock()
        if self._asked is None:
            if self._wanted != self._done and now >= self._again_at:
                self._begin(["-t", "get_tree"], now)
            return
        try:
            said = self._asked.answer()
        except OSError as error:
            self._fail(str(error), now)
            return
        if said is None:
            if now >= self._until:
                self._asked.leave()
                self._fail("no answer", now)
            return
        self._asked = None
        if self._doing is not None:
            self._done, self._doing = self._doing, None
            return
        seen = _seen_in(said)
        if len(seen.pictures) == len(self._wanted):
            self._doing = self._wanted
            self._know(seen.pictures)
            self._begin([self._order(seen)], now)
        else:
            # The pictures are about to come, or gone.
            self._again_at = now + SOON_SECONDS

    def _know(self, pictures: list[int]) -> None:
        """Tell the window of each call: what is new belongs to whom none is known of."""
        known = {
            call: window
            for call, window in self._windows.items()
            if call in self._wanted and window in pictures
        }
        new = (window for window in pictures if window not in known.values())
        self._windows = {
            call: known[call] if call in known else next(new) for call in self._wanted
        }

    def _order(self, seen: Seen) -> str:
        """Give sway's words for places and frames of the pictures that stand so."""
        border = f"pixel {BORDER_PIXELS}" if len(seen.pictures) > 1 else "none"
        places = list(self._windows.values())
        words = []
        if seen.other_output:
            # The last picture of two that is left has the keys, and cannot be marked.
            words.append(f'focus output "{seen.other_output}"')
        if places != seen.pictures:
            words.append(
                f"[con_id={places[0]}] swap container with con_id {places[-1]}"
            )
        words += [
            f"[con_id={self._windows[call]}] border {border}, "
            f"urgent {'enable' if speaks else 'disable'}"
            for call, speaks in self._wanted.items()
        ]
        return "; ".join(words)

    def _begin(self, words: list[str], now: float) -> None:
        self._until = now + LIMIT_SECONDS
        try:
            self._asked = self._ask(words)
        except OSError as error:
            self._fail(str(error), now)

    def _fail(self, why: str, now: float) -> None:
        log.debug("who speaks is not shown", why=why)
        self._asked = self._doing = None
        self._again_at = now + AGAIN_SECONDS


def _seen_in(tree: str) -> Seen:
    """Read sway's tree; nothing is seen in what is none."""
    try:
        outputs = json.loads(tree).get("nodes", [])
    except ValueError:
        return Seen([])
    pictures = sorted(each for output in outputs for each in _pictures(output))
    other = ""
    for output in outputs:
        is_free = not _pictures(output) and not output["name"].startswith(HIDDEN)
        if is_free and any(each.is_focused for each in pictures):
            other = str(output["name"])
    return Seen([each.window for each in pictures], other)


def _pictures(node: dict[str, Any]) -> list[Picture]:
    found = []
    if str(node.get("name") or "").startswith(TITLE):
        place, window = int(node["rect"]["x"]), int(node["id"])
        found.append(Picture(place, window, bool(node.get("focused"))))
    for below in [*node.get("nodes", []), *node.get("floating_nodes", [])]:
        found += _pictures(below)
    return found
