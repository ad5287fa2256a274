# SPDX-License-Identifier: AGPL-3.0-or-later
"""The one call that a kiosk can be in, and what its digits ask for. Pure.

A code counts only inside a confirmed call of an appointment, and only from that call.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from device_bridge.call.codes import CodeParser, Command, Mistake, Verb

# The same code again within this time is the same wish: a doubled INFO, a nervous thumb.
REPEAT_SECONDS = 5.0
# The same mistake is not answered more often than that.
MISTAKE_SECONDS = 5.0
REPEATABLE = frozenset({Verb.STATE, Verb.CANCEL, Verb.SHOW, Verb.VOLUME})


@dataclass(frozen=True, slots=True)
class Call:
    """A confirmed call of an appointment."""

    id: str
    appointment: int
    peer: str = ""


@dataclass(frozen=True, slots=True)
class Repeated:
    """A command that came a second time at once and is not obeyed twice."""

    command: Command


Outcome = Command | Mistake | Repeated


class CallCodes:
    """Follows the call and turns its digits into outcomes."""

    def __init__(self) -> None:
        self.call: Call | None = None
        self._parser = CodeParser()
        self._last: tuple[Command, float] | None = None
        self._mistakes: dict[Mistake, float] = {}

    @property
    def begun(self) -> Command | None:
        """Give the code that is being keyed, as if its `#` came now."""
        return self._parser.begun

    def confirm(self, call: Call) -> Call | None:
        """Enter this call; give the one that it replaces, if another was still there."""
        if self.call == call:
            return None
        before, self.call = self.call, call
        self._forget_digits()
        return before

    def end(self, call_id: str | None = None) -> Call | None:
        """Leave the call of this id, or whichever it is; give it if there was one."""
        if self.call is None or (call_id is not None and call_id != self.call.id):
            return None
        ended, self.call = self.call, None
        self._forget_digits()
        return ended

    def digit(self, call_id: str, digit: str, at: float) -> Sequence[Outcome]:
        """Take a digit that came in a call; one of a stranger's call is passed over."""
        if self.call is None or call_id != self.call.id:
            return ()
        return self._answer(self._parser.take(digit, at), at)

    def expire(self, at: float) -> Sequence[Outcome]:
        """Give up a code left unfinished; called now and then."""
        return self._answer(self._parser.expire(at), at)

    def _answer(self, found: Command | Mistake | None, at: float) -> Sequence[Outcome]:
        if found is None:
            return ()
        if isinstance(found, Mistake):
            told_at = self._mistakes.get(found)
            if told_at is not None and at - told_at < MISTAKE_SECONDS:
                return ()
            self._mistakes[found] = at
            return (found,)
        return (self._pass_once(found, at),)

    def _pass_once(self, command: Command, at: float) -> Outcome:
        last, self._last = self._last, (command, at)
        if last is None or last[0] != command or command.verb in REPEATABLE:
            return command
        return command if at - last[1] >= REPEAT_SECONDS else Repeated(command)

    def _forget_digits(self) -> None:
        self._parser = CodeParser()
        self._last = None
        self._mistakes.clear()
