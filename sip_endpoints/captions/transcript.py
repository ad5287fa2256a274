# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the second screen shows of what was heard: a few lines, and how the machine is. Pure."""

from dataclasses import dataclass
from enum import StrEnum

# More than the screen holds is never kept.
SENTENCES, CHARACTERS = 4, 240


class State(StrEnum):
    """How captions are, for the page."""

    OFF = "off"
    ON = "on"
    # Sentences are missing: the machine does not keep up.
    LATE = "late"
    # They have ended though the call goes on.
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Shown:
    """All that the page is told. Its representation tells no word."""

    state: State = State.OFF
    language: str = ""
    lines: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Give the state alone: a log or a traceback holds nothing of what was said."""
        return f"Shown({self.state.value}, {len(self.lines)} lines)"


class Transcript:
    """The last sentences, and the one that is being spoken."""

    def __init__(self) -> None:
        self._over: list[str] = []
        self._now = ""

    def take(self, text: str, *, is_final: bool) -> None:
        """Take a sentence as it is heard, until it is final."""
        text = text[-CHARACTERS:]
        if not is_final:
            self._now = text
            return
        self._now = ""
        self._over = [*self._over, text][-SENTENCES:]

    def clear(self) -> None:
        """Forget all."""
        self._over, self._now = [], ""

    @property
    def lines(self) -> tuple[str, ...]:
        """Give what is shown, the newest last."""
        return tuple([*self._over, self._now][-SENTENCES:] if self._now else self._over)
