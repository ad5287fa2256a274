# SPDX-License-Identifier: AGPL-3.0-or-later
"""The table of mandates: who acts for a resident with an organisation, for what, until when."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, ForeignKey, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking_web.tables.documents import Document
from provisioning.database.engine import Base, UtcDateTime

NAME_LENGTH = 100
MATTER_LENGTH = 160
ACTOR_LENGTH = 80
JOB_LENGTH = 36
CODE_LENGTH = 30


class MandateRelation(StrEnum):
    """What who acts is to the resident; never changed once stored."""

    FAMILY = "family"
    HOST = "host"
    GUARDIAN = "guardian"
    SOCIAL_WORKER = "social_worker"
    OTHER = "other"


class RevocationReason(StrEnum):
    """Why a mandate was ended before its day; never changed once stored."""

    ASKED_BY_RESIDENT = "asked_by_resident"
    ASKED_BY_REPRESENTATIVE = "asked_by_representative"
    ENTERED_WRONGLY = "entered_wrongly"
    OTHER = "other"


def _one_of(column: str, values: type[StrEnum], *more: str) -> str:
    known = ", ".join(repr(str(each)) for each in (*more, *values))
    return f"{column} IN ({known})"


class Mandate(Base):
    """One mandate and its signed scan: what it is worth follows from it and from the day.

    It goes with the name of its resident.
    """

    __tablename__ = "mandate"
    __table_args__ = (
        CheckConstraint(_one_of("relation", MandateRelation), name="relation_known"),
        CheckConstraint(
            _one_of("revocation", RevocationReason, ""), name="revocation_known"
        ),
        CheckConstraint(
            "(revoked_at IS NULL) = (revocation = '')", name="revoked_with_reason"
        ),
        CheckConstraint(
            "for_appointments OR for_documents OR matter <> ''", name="is_for_something"
        ),
        CheckConstraint("ends_on >= starts_on", name="ends_after_it_starts"),
        # A number names a mandate for ever.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # In which it was drawn up.
    appointment_id: Mapped[int] = mapped_column(
        ForeignKey("appointment.id"), index=True
    )
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    # None: the town hall noted the name alone; it is known in that appointment only.
    resident_id: Mapped[int | None] = mapped_column(
        ForeignKey("resident.id"), index=True
    )
    # Who acts.
    representative: Mapped[str] = mapped_column(String(NAME_LENGTH))
    relation: Mapped[MandateRelation] = mapped_column(String(20))
    # For what: the organisation's appointments, papers given and taken, one matter in words.
    for_appointments: Mapped[bool] = mapped_column()
    for_documents: Mapped[bool] = mapped_column()
    matter: Mapped[str] = mapped_column(
        String(MATTER_LENGTH), default="", server_default=text("''")
    )
    # Days of the relay, both within.
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    # The paper, and the scan of it that came back signed.
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    signed_document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))
    # The scan that is asked for: what it brings is the signed paper.
    scan_job: Mapped[str | None] = mapped_column(String(JOB_LENGTH), index=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # As in the journal: `user:<id>`.
    made_by: Mapped[str] = mapped_column(String(ACTOR_LENGTH))
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_by: Mapped[str] = mapped_column(
        String(ACTOR_LENGTH), default="", server_default=text("''")
    )
    revocation: Mapped[str] = mapped_column(
        String(CODE_LENGTH), default="", server_default=text("''")
    )

    document: Mapped[Document] = relationship(foreign_keys=[document_id])
    signed_document: Mapped[Document | None] = relationship(
        foreign_keys=[signed_document_id]
    )
