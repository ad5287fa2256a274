# SPDX-License-Identifier: AGPL-3.0-or-later
"""The tables of messages to residents, and of the reminders given by telephone.

No address and no text is kept: both are read from the resident and the appointment when
the message goes out.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking_web.tables.appointment import Appointment
from provisioning.database.engine import Base, UtcDateTime


class MessageKind(StrEnum):
    """What a resident is told."""

    BOOKED = "booked"
    RESCHEDULED = "rescheduled"
    CANCELLED = "cancelled"
    REMINDER = "reminder"


class Channel(StrEnum):
    """How a message goes out."""

    EMAIL = "email"
    SMS = "sms"


class MessageState(StrEnum):
    """Where a message stands; `dropped`: nobody needs it any more."""

    WAITING = "waiting"
    SENT = "sent"
    DROPPED = "dropped"
    GIVEN_UP = "given_up"


class CallOutcome(StrEnum):
    """What came of a reminder by telephone."""

    TOLD = "told"
    NOT_REACHED = "not_reached"


def one_of(column: str, values: type[StrEnum]) -> str:
    """Write the SQL condition that a column holds one of the values."""
    return f"{column} IN ({', '.join(repr(str(value)) for value in values)})"


class Message(Base):
    """One message about one state of an appointment, on one channel.

    The unique constraint is what makes a job that is run twice send once.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint(
            "appointment_id",
            "kind",
            "channel",
            "sequence",
            name="uq_message_appointment_id_kind_channel_sequence",
        ),
        CheckConstraint(one_of("kind", MessageKind), name="kind_known"),
        CheckConstraint(one_of("channel", Channel), name="channel_known"),
        CheckConstraint(one_of("state", MessageState), name="state_known"),
        Index("ix_message_state_next_attempt_at", "state", "next_attempt_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointment.id"))
    kind: Mapped[MessageKind] = mapped_column(String(12))
    channel: Mapped[Channel] = mapped_column(String(6))
    # The appointment's sequence that the message tells of; an older one is of no use.
    sequence: Mapped[int] = mapped_column()
    state: Mapped[MessageState] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(default=0)
    # While an attempt is under way: when another sender may take the message over.
    next_attempt_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # Why the last attempt failed or the message was dropped: a code of `messages.wording`.
    reason: Mapped[str] = mapped_column(String(30), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state_since: Mapped[datetime] = mapped_column(UtcDateTime)

    appointment: Mapped[Appointment] = relationship()


class ReminderCall(Base):
    """A secretary telephoned to remind of an appointment; undone by removing the line."""

    __tablename__ = "reminder_call"
    __table_args__ = (CheckConstraint(one_of("outcome", CallOutcome), name="known"),)

    appointment_id: Mapped[int] = mapped_column(
        ForeignKey("appointment.id"), primary_key=True
    )
    # As in `Message`: an appointment that was moved has to be told again.
    sequence: Mapped[int] = mapped_column(primary_key=True)
    outcome: Mapped[CallOutcome] = mapped_column(String(12))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))


class Trouble(StrEnum):
    """Why a message was not delivered, or why nobody needs it any more."""

    SERVER_UNREACHABLE = "server_unreachable"
    SERVER_REFUSES_US = "server_refuses_us"
    NO_ENCRYPTION = "no_encryption"
    SERVER_BUSY = "server_busy"
    ADDRESS_REFUSED = "address_refused"
    MESSAGE_REFUSED = "message_refused"
    SPOOL_UNWRITABLE = "spool_unwritable"
    ADDRESS_GONE = "address_gone"
    CHANNEL_OFF = "channel_off"
    SUPERSEDED = "superseded"
    TOO_LATE = "too_late"
    RESTRICTED = "restricted"
    INTERNAL = "internal"
