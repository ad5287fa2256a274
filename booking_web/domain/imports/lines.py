# SPDX-License-Identifier: AGPL-3.0-or-later
"""What becomes of a line of a file, and why."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Outcome(StrEnum):
    """What became of a line, or would become of it."""

    NEW = "new"
    # Its reference was imported before, with the same content.
    KNOWN = "known"
    # Its reference was imported before, with other content: nothing is changed.
    DIFFERENT = "different"
    REFUSED = "refused"


class WhyRefused(StrEnum):
    """Why a line is refused."""

    BROKEN = "broken"
    NO_REFERENCE = "no_reference"
    REFERENCE_TWICE = "reference_twice"
    NO_NAME = "no_name"
    BAD_NAME = "bad_name"
    TOO_LONG = "too_long"
    UNKNOWN_RELAY = "unknown_relay"
    UNKNOWN_ORGANISATION = "unknown_organisation"
    # The organisation interprets for others.
    NOT_FOR_RESIDENTS = "not_for_residents"
    UNKNOWN_INTERPRETER = "unknown_interpreter"
    BAD_DAY = "bad_day"
    BAD_HOUR = "bad_hour"
    NO_SUCH_HOUR = "no_such_hour"
    BAD_MINUTES = "bad_minutes"
    PAST = "past"
    TOO_FAR = "too_far"
    NO_KIOSK = "no_kiosk"
    NO_COUNTER = "no_counter"
    KIOSK_TAKEN = "kiosk_taken"
    COUNTER_TAKEN = "counter_taken"
    INTERPRETER_TAKEN = "interpreter_taken"


class Note(StrEnum):
    """What is good to know of a line that is taken."""

    HOUR_COMES_TWICE = "hour_comes_twice"
    REASON_UNKNOWN = "reason_unknown"
    ADDRESS_LEFT_OUT = "address_left_out"
    LANGUAGE_UNKNOWN = "language_unknown"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the file with what became of it; texts are as in the file."""

    number: int
    outcome: Outcome
    why: WhyRefused | None = None
    notes: tuple[Note, ...] = ()
    reference: str = ""
    resident_name: str = ""
    relay: str = ""
    organisation: str = ""
    # In the relay's zone.
    starts_at: datetime | None = None
    appointment_id: int | None = None


@dataclass(frozen=True)
class Report:
    """What became of a file."""

    lines: tuple[Line, ...]
    is_dry_run: bool

    def of(self, outcome: Outcome) -> list[Line]:
        """List the lines of one outcome."""
        return [line for line in self.lines if line.outcome is outcome]

    @property
    def counts(self) -> dict[str, int]:
        """Tell how many lines there are of each outcome."""
        return {str(outcome): len(self.of(outcome)) for outcome in Outcome}
