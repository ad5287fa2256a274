# SPDX-License-Identifier: AGPL-3.0-or-later
"""The tables of calls that a counsellor hands over: to whom, why, and what came of it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking_web.tables.appointment import Appointment
from booking_web.tables.conclusions import (
    ACTOR_LENGTH,
    NOTE_LENGTH,
    OUTCOME_LENGTH,
    Outcome,
)
from provisioning.database.engine import Base, UtcDateTime
from provisioning.database.models import Counsellor, Organisation

CALL_LENGTH = 150


class HandoverState(StrEnum):
    """How a hand-over stands."""

    # The call is still the first counsellor's.
    ASKED = "asked"
    # The kiosk was sent: the colleague's telephone rings, or it waits in the other's queue.
    RINGING = "ringing"
    # The colleague did not take it: it rings at the first counsellor's, or in their queue.
    RETURNING = "returning"
    TAKEN = "taken"
    # Somebody of the first organisation took it again.
    RETURNED = "returned"
    # The call was over before anybody took it.
    NOBODY = "nobody"
    # The kiosk was never sent: the call was over, or Asterisk did not do it in time.
    UNDONE = "undone"


# At most one such hand-over for each appointment.
GOING_ON = (HandoverState.ASKED, HandoverState.RINGING, HandoverState.RETURNING)
_IS_GOING_ON = text("state IN ('asked', 'ringing', 'returning')")


class Handover(Base):
    """One time that a counsellor handed a resident in call over.

    The appointment itself says whose it is now; this says whose it was. The notes are
    emptied when the appointment is made nameless.
    """

    __tablename__ = "handover"
    __table_args__ = (
        CheckConstraint(
            f"state IN ({', '.join(repr(str(each)) for each in HandoverState)})",
            name="state_known",
        ),
        CheckConstraint(
            "(state IN ('asked', 'ringing', 'returning')) = (ended_at IS NULL)",
            name="ended_where_over",
        ),
        CheckConstraint(
            "(to_counsellor_id IS NULL) = (to_organisation_id <> from_organisation_id)",
            name="to_colleague_or_others",
        ),
        CheckConstraint(
            f"outcome IN ('', {', '.join(repr(str(each)) for each in Outcome)})",
            name="outcome_known",
        ),
        Index(
            "uq_handover_appointment_going_on",
            "appointment_id",
            unique=True,
            sqlite_where=_IS_GOING_ON,
            postgresql_where=_IS_GOING_ON,
        ),
        Index(
            "ix_handover_from_organisation_id_asked_at",
            "from_organisation_id",
            "asked_at",
        ),
        # A number names a hand-over for ever.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    appointment_id: Mapped[int] = mapped_column(
        ForeignKey("appointment.id"), index=True
    )
    # The call that is handed over: no other is touched.
    call: Mapped[str] = mapped_column(String(CALL_LENGTH))
    from_organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    from_counsellor_id: Mapped[int | None] = mapped_column(ForeignKey("counsellor.id"))
    from_counter_id: Mapped[int] = mapped_column(ForeignKey("counter.id"))
    to_organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    # None: whoever answers the other organisation's queue.
    to_counsellor_id: Mapped[int | None] = mapped_column(ForeignKey("counsellor.id"))
    # For who takes over.
    note: Mapped[str] = mapped_column(
        String(NOTE_LENGTH), default="", server_default=text("''")
    )
    state: Mapped[HandoverState] = mapped_column(String(10))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # As in the journal: `user:<id>`.
    asked_by: Mapped[str] = mapped_column(String(ACTOR_LENGTH))
    # When Asterisk was told; committed before it is.
    began_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    taken_by_id: Mapped[int | None] = mapped_column(ForeignKey("counsellor.id"))
    # What the first organisation noted of its own part; it is nobody else's.
    outcome: Mapped[str] = mapped_column(
        String(OUTCOME_LENGTH), default="", server_default=text("''")
    )
    outcome_note: Mapped[str] = mapped_column(
        String(NOTE_LENGTH), default="", server_default=text("''")
    )

    appointment: Mapped[Appointment] = relationship()
    from_organisation: Mapped[Organisation] = relationship(
        foreign_keys=[from_organisation_id]
    )
    from_counsellor: Mapped[Counsellor | None] = relationship(
        foreign_keys=[from_counsellor_id]
    )
    to_organisation: Mapped[Organisation] = relationship(
        foreign_keys=[to_organisation_id]
    )
    to_counsellor: Mapped[Counsellor | None] = relationship(
        foreign_keys=[to_counsellor_id]
    )
    taken_by: Mapped[Counsellor | None] = relationship(foreign_keys=[taken_by_id])


class HandoverDocument(Base):
    """A document that the other organisation may read: the resident agreed to it."""

    __tablename__ = "handover_document"

    handover_id: Mapped[int] = mapped_column(
        ForeignKey("handover.id"), primary_key=True, autoincrement=False
    )
    document_id: Mapped[int] = mapped_column(
        ForeignKey("document.id"), primary_key=True, autoincrement=False
    )
