# SPDX-License-Identifier: AGPL-3.0-or-later
"""The second calls to a kiosk, beside an appointment's own: an interpreter's, or a guest's.

Which interpreter an appointment is booked with is `Appointment.interpreter_counter_id`.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking_web.tables.appointment import Appointment
from booking_web.tables.guests import Guest
from provisioning.database.engine import Base, UtcDateTime
from provisioning.database.models import Counsellor, Organisation


class InterpreterState(StrEnum):
    """How an interpreter's call stands; the appointment's own state knows nothing of it."""

    # The kiosk is called a second time, and the interpreters' telephones ring.
    ASKED = "asked"
    HERE = "here"
    # Was here; or the appointment's call was over before anybody came.
    LEFT = "left"
    # Nobody answered, or the kiosk took no second call.
    NOBODY = "nobody"


# At most one such call for each appointment.
GOING_ON = (InterpreterState.ASKED, InterpreterState.HERE)
_IS_GOING_ON = text("state IN ('asked', 'here')")


class WhyNobody(StrEnum):
    """Why nobody came; a value of `InterpreterCall.reason`, or it is empty."""

    # Nobody picked up within the time that the service sets.
    NO_ANSWER = "no_answer"
    # The kiosk took no second call: an older one, or one that was busy.
    KIOSK_REFUSED = "kiosk_refused"
    # Of a telephone outside: it is busy; or the number leads nowhere, or its line is down.
    BUSY = "busy"
    NOT_CONNECTED = "not_connected"


class InterpreterCall(Base):
    """One time that an interpreter or a guest was called into an appointment."""

    __tablename__ = "interpreter_call"
    __table_args__ = (
        CheckConstraint(
            "state IN ('asked', 'here', 'left', 'nobody')", name="state_known"
        ),
        CheckConstraint(
            "(state IN ('asked', 'here')) = (ended_at IS NULL)", name="ended_where_over"
        ),
        Index(
            "uq_interpreter_call_appointment_going_on",
            "appointment_id",
            unique=True,
            sqlite_where=_IS_GOING_ON,
            postgresql_where=_IS_GOING_ON,
        ),
        # A number names a call for ever.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    appointment_id: Mapped[int] = mapped_column(
        ForeignKey("appointment.id"), index=True
    )
    # The service whose interpreters are called; of a guest, the organisation that invited.
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    state: Mapped[InterpreterState] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(
        String(20), default="", server_default=text("''")
    )
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # When Asterisk was told; None: not yet. Committed before it is.
    placed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # When the kiosk had taken the call.
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    here_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Set where it is to end: by a person, or with the appointment's own call.
    end_requested_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Who interprets, by the telephone that answered.
    interpreter_id: Mapped[int | None] = mapped_column(ForeignKey("counsellor.id"))
    # Whom the counsellor lets join instead; None: it is an interpreter's.
    guest_id: Mapped[int | None] = mapped_column(ForeignKey("guest.id"), index=True)

    appointment: Mapped[Appointment] = relationship()
    organisation: Mapped[Organisation] = relationship()
    interpreter: Mapped[Counsellor | None] = relationship()
    guest: Mapped[Guest | None] = relationship()
