# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a trainee has done so far, read from the journal of their world."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.practice.happenings import Happening
from booking_web.practice.worlds import World
from booking_web.tables.appointment import Appointment, JournalEntry
from booking_web.tables.journal_acts import Act
from booking_web.tables.opening_checks import OpeningCheck, Step


@dataclass(frozen=True)
class Line:
    """An act in the world, on whose appointment."""

    at: datetime
    act: Act
    resident: str
    detail: str
    # The trainee's own; else what followed from it.
    is_own: bool


@dataclass(frozen=True)
class Record:
    """All that was done since the world was made."""

    lines: tuple[Line, ...]
    mended: frozenset[Happening]
    looked_at: frozenset[Step]

    def has(self, act: Act, of: str = "", detail: str = "") -> bool:
        """Tell whether the trainee did this, to whom it was about where that is given."""
        return any(each.is_own for each in self._found(act, of, detail))

    def came(self, act: Act, of: str = "", detail: str = "") -> bool:
        """Tell whether this came about, whoever did it."""
        return any(True for _ in self._found(act, of, detail))

    def was_called_after(self, act: Act, call: str) -> bool:
        """Tell whether to one and the same resident the act was done, and later the call."""
        return any(
            after.at > before.at
            for before in self._found(act, "", "")
            for after in self._found(Act.MOVED, before.resident, call)
        )

    def has_taken_in(self) -> bool:
        """Tell whether the trainee wrote somebody down who came without an appointment."""
        arrived = {
            (each.at, each.resident)
            for each in self._found(Act.MOVED, "", "booked -> arrived")
        }
        return self.has(Act.JOINED_LINE) or any(
            each.is_own and (each.at, each.resident) in arrived
            for each in self._found(Act.BOOKED, "", "")
        )

    def _found(self, act: Act, of: str, detail: str) -> Iterable[Line]:
        for each in self.lines:
            is_theirs = not of or each.resident == of
            if each.act is act and is_theirs and each.detail.startswith(detail):
                yield each


def record_of(session: Session, world: World) -> Record:
    """Read what was done in the world."""
    query = (
        select(JournalEntry, Appointment.resident_name)
        .outerjoin(Appointment, Appointment.id == JournalEntry.appointment_id)
        .where(JournalEntry.at >= world.made_at)
        .order_by(JournalEntry.id)
    )
    lines = tuple(
        Line(
            at=entry.at,
            act=Act(entry.act),
            resident=resident or "",
            detail=entry.detail,
            is_own=entry.actor.startswith("user:"),
        )
        for entry, resident in session.execute(query)
    )
    return Record(
        lines,
        frozenset(each for each in Happening if world.was_mended(each)),
        frozenset(Step(step) for step in session.scalars(select(OpeningCheck.step))),
    )
