# SPDX-License-Identifier: AGPL-3.0-or-later
"""The device protocol: digits keyed one by one become commands. Pure.

A code is ``*``, a verb digit, a number or none, ``#`` (docs/devices.md).
"""

from dataclasses import dataclass
from enum import StrEnum

from device_bridge.jobs.job import Preset

# Asterisk re-times digits to some 200 ms, the first may take a second under load; a
# person looks for the keys. Whoever pauses longer has given the code up.
DIGIT_LIMIT_SECONDS = 6.0
# Digits that go on coming never keep a code open for ever.
CODE_LIMIT_SECONDS = 20.0
MAX_NUMBER_DIGITS = 3
MAX_COPIES = 20
ALPHABET = frozenset("0123456789*#ABCD")


class Verb(StrEnum):
    """What the digit after the star asks for."""

    CANCEL = "0"
    PRINT = "1"
    SCAN = "2"
    COPY = "3"
    SHOW = "4"
    RUN = "7"
    VOLUME = "8"
    STATE = "9"


# How loud the kiosk is, from the softest level on.
VOLUMES = range(1, 6)
PRESET_NUMBERS = {1: Preset.A4, 2: Preset.CARD, 3: Preset.FEEDER, 4: Preset.PHOTO}


class Mistake(StrEnum):
    """What was wrong with a code; each has a sentence that says what is allowed."""

    NO_STAR = "no_star"
    UNKNOWN_VERB = "unknown_verb"
    EMPTY = "empty"
    NUMBER_MISSING = "number_missing"
    NUMBER_NOT_WANTED = "number_not_wanted"
    NUMBER_TOO_LONG = "number_too_long"
    NUMBER_ZERO = "number_zero"
    UNKNOWN_PRESET = "unknown_preset"
    TOO_MANY_COPIES = "too_many_copies"
    UNKNOWN_VOLUME = "unknown_volume"
    NOT_A_DIGIT = "not_a_digit"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class Command:
    """A whole code. `number` is None where none was keyed."""

    verb: Verb
    number: int | None = None

    @property
    def text(self) -> str:
        """Give the code as keyed."""
        return f"*{self.verb}{'' if self.number is None else self.number}#"


class CodeParser:
    """Collects the digits of one call.

    `take` gives a command once its `#` came, a mistake as soon as it is sure, else None.
    What follows a mistake is passed over up to the next star, so that a wrong code, or
    digits without end, are answered once.
    """

    def __init__(self) -> None:
        self._code: str | None = None
        self._skipping = False
        self._began_at = 0.0
        self._last_at = 0.0

    @property
    def begun(self) -> Command | None:
        """Give what was keyed so far, as if its `#` came now; None before a verb."""
        if not self._code:
            return None
        number = int(self._code[1:]) if len(self._code) > 1 else None
        return Command(Verb(self._code[0]), number)

    def take(self, digit: str, at: float) -> Command | Mistake | None:
        """Take one digit at a monotonic time."""
        late = self.expire(at)
        if digit == "*":
            self._code, self._skipping = "", False
            self._began_at = self._last_at = at
            # A half code cut off by a star was given up on purpose: no answer.
            return None
        result = self._take_inside(digit, at)
        return result or late

    def expire(self, at: float) -> Mistake | None:
        """Give up a code that was not finished in time; called now and then."""
        if self._code is None:
            return None
        is_late = at - self._last_at > DIGIT_LIMIT_SECONDS
        if not is_late and at - self._began_at <= CODE_LIMIT_SECONDS:
            return None
        self._code = None
        self._skipping = True
        return Mistake.INCOMPLETE

    def _take_inside(self, digit: str, at: float) -> Command | Mistake | None:
        if self._code is None:
            return self._take_stray(digit)
        self._last_at = at
        if digit == "#":
            code, self._code = self._code, None
            return read_code(code)
        if len(digit) != 1 or digit not in ALPHABET or not digit.isdigit():
            return self._fail(Mistake.NOT_A_DIGIT)
        if not self._code and digit not in set(Verb):
            return self._fail(Mistake.UNKNOWN_VERB)
        self._code += digit
        if len(self._code) > 1 + MAX_NUMBER_DIGITS:
            return self._fail(Mistake.NUMBER_TOO_LONG)
        return None

    def _take_stray(self, digit: str) -> Mistake | None:
        """Answer the end of a code whose star was lost; other strays are no code."""
        if self._skipping:
            self._skipping = digit != "#"
            return None
        return Mistake.NO_STAR if digit == "#" else None

    def _fail(self, mistake: Mistake) -> Mistake:
        self._code = None
        self._skipping = True
        return mistake


def read_code(code: str) -> Command | Mistake:
    """Read what stands between star and hash: a known verb, then a number or none."""
    if not code:
        return Mistake.EMPTY
    verb = Verb(code[0])
    number = int(code[1:]) if len(code) > 1 else None
    mistake = _check(verb, number)
    return mistake or Command(verb, number)


def _check(verb: Verb, number: int | None) -> Mistake | None:
    if verb in (Verb.CANCEL, Verb.STATE):
        return None if number is None else Mistake.NUMBER_NOT_WANTED
    if number is None:
        is_missing = verb in (Verb.PRINT, Verb.RUN, Verb.VOLUME)
        return Mistake.NUMBER_MISSING if is_missing else None
    if number == 0:
        return Mistake.NUMBER_ZERO
    if verb is Verb.SCAN and number not in PRESET_NUMBERS:
        return Mistake.UNKNOWN_PRESET
    if verb is Verb.COPY and number > MAX_COPIES:
        return Mistake.TOO_MANY_COPIES
    if verb is Verb.VOLUME and number not in VOLUMES:
        return Mistake.UNKNOWN_VOLUME
    return None
