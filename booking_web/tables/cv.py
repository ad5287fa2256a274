# SPDX-License-Identifier: AGPL-3.0-or-later
"""The tables of CVs: what is written with a resident, sealed, and who changed which field."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking_web.tables.appointment import Appointment, Resident
from provisioning.database.engine import Base, UtcDateTime


class Cv(Base):
    """A CV that is being written, one for an appointment; erased, its line stays empty."""

    __tablename__ = "cv"
    __table_args__ = (
        CheckConstraint("revision >= 0", name="revision_from_zero"),
        CheckConstraint(
            "(erased_at IS NULL) = (sealed_content IS NOT NULL)",
            name="erased_without_content",
        ),
        CheckConstraint(
            "(held_by = '') = (held_since IS NULL)", name="held_since_a_moment"
        ),
        Index(
            "uq_cv_appointment_id_kept",
            "appointment_id",
            # One more where the appointment is handed over to another one.
            "organisation_id",
            unique=True,
            sqlite_where=text("erased_at IS NULL"),
            postgresql_where=text("erased_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # The one in which it is written, or was written last.
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointment.id"))
    # None: the town hall told no more than a name, or the resident was forgotten.
    resident_id: Mapped[int | None] = mapped_column(
        ForeignKey("resident.id"), index=True
    )
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id"), index=True
    )
    # What was written, under the documents' key (`domain.cv.sealed_content`).
    sealed_content: Mapped[bytes | None] = mapped_column(LargeBinary)
    # One more with each change.
    revision: Mapped[int] = mapped_column(default=0)
    # The field that was changed last; empty at first.
    current_field: Mapped[str] = mapped_column(Text, default="")
    # When the resident agreed that it is kept for the next time; None: it is not.
    agreed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Who alone may write, as in the journal; empty: nobody.
    held_by: Mapped[str] = mapped_column(String(80), default="")
    held_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    changed_by: Mapped[str] = mapped_column(String(80))
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    appointment: Mapped[Appointment] = relationship()
    resident: Mapped[Resident | None] = relationship()


class CvChange(Base):
    """That a field of a CV was changed, when and by whom; never to what."""

    __tablename__ = "cv_change"
    __table_args__ = (
        UniqueConstraint("cv_id", "revision", name="uq_cv_change_cv_id_revision"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    cv_id: Mapped[int] = mapped_column(ForeignKey("cv.id"))
    # The CV's after the change.
    revision: Mapped[int] = mapped_column()
    field: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(String(80))
