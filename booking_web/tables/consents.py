# SPDX-License-Identifier: AGPL-3.0-or-later
"""The tables of what a resident agrees to: each answer, and that the text is read aloud."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from provisioning.database.engine import Base, UtcDateTime

ACTOR_LENGTH = 80
DIGEST_LENGTH = 64


class ConsentAnswer(StrEnum):
    """What the resident said; never changed once stored."""

    AGREED = "agreed"
    REFUSED = "refused"
    # What was agreed is not any more.
    WITHDRAWN = "withdrawn"


class Consent(Base):
    """One answer of an appointment's resident; the last one counts, and all are kept.

    They go when the appointment is made nameless.
    """

    __tablename__ = "consent"
    __table_args__ = (
        CheckConstraint(
            f"answer IN ({', '.join(repr(str(each)) for each in ConsentAnswer)})",
            name="answer_known",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    appointment_id: Mapped[int] = mapped_column(
        ForeignKey("appointment.id"), index=True
    )
    answer: Mapped[ConsentAnswer] = mapped_column(String(10))
    # What was read to the resident, word for word, and its SHA-256: an answer to one text is
    # none to another.
    text: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(DIGEST_LENGTH))
    noted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # As in the journal: `user:<id>`.
    noted_by: Mapped[str] = mapped_column(String(ACTOR_LENGTH))


class ConsentReading(Base):
    """The kiosk is to read the text to an appointment's resident, from this moment."""

    __tablename__ = "consent_reading"

    appointment_id: Mapped[int] = mapped_column(
        ForeignKey("appointment.id"), primary_key=True, autoincrement=False
    )
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
