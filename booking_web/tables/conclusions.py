# SPDX-License-Identifier: AGPL-3.0-or-later
"""The tables of an appointment's end: what came of it, what follows it, what was missed."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from provisioning.database.engine import Base, UtcDateTime

OUTCOME_LENGTH = 20
NOTE_LENGTH = 1000
ACTOR_LENGTH = 80


class Outcome(StrEnum):
    """What came of an appointment for the resident; never changed once stored."""

    RESOLVED = "resolved"
    PAPERS_MISSING = "papers_missing"
    # The same organisation goes on with it.
    TO_BE_CONTINUED = "to_be_continued"
    # It is another organisation's matter.
    REDIRECTED = "redirected"
    OTHER = "other"


class Conclusion(Base):
    """What came of an appointment, in a word and in the counsellor's note.

    The note is the organisation's alone, and is emptied when the appointment is made
    nameless; the word stays.
    """

    __tablename__ = "conclusion"
    __table_args__ = (
        CheckConstraint(
            f"outcome IN ({', '.join(repr(str(each)) for each in Outcome)})",
            name="outcome_known",
        ),
    )

    appointment_id: Mapped[int] = mapped_column(
        ForeignKey("appointment.id"), primary_key=True, autoincrement=False
    )
    outcome: Mapped[Outcome] = mapped_column(String(OUTCOME_LENGTH))
    note: Mapped[str] = mapped_column(String(NOTE_LENGTH), default="")
    # How often it was written: who looked at an older one does not write over it.
    version: Mapped[int] = mapped_column(default=1)
    noted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # As in the journal: `user:<id>`.
    noted_by: Mapped[str] = mapped_column(String(ACTOR_LENGTH))


class FollowUp(Base):
    """The appointment that was booked as an appointment's continuation."""

    __tablename__ = "follow_up"

    appointment_id: Mapped[int] = mapped_column(
        ForeignKey("appointment.id"), primary_key=True, autoincrement=False
    )
    next_id: Mapped[int] = mapped_column(ForeignKey("appointment.id"), unique=True)


class SettledCall(Base):
    """A call that came to nothing, of which somebody said that nothing is to be done."""

    __tablename__ = "settled_call"

    appointment_id: Mapped[int] = mapped_column(
        ForeignKey("appointment.id"), primary_key=True, autoincrement=False
    )
    # Since when the appointment stood so: another call that fails later is another one.
    missed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_by: Mapped[str] = mapped_column(String(ACTOR_LENGTH))
