# SPDX-License-Identifier: AGPL-3.0-or-later
"""Third persons in a call: whom its counsellor invites by a one-time link, or telephones to.

Their call is an `InterpreterCall` with this row as its `guest`.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking_web.tables.appointment import Appointment
from provisioning.database.engine import Base, UtcDateTime

NAME_LENGTH = 80
NONCE_LENGTH = 32
# E.164: a plus and fifteen digits at most.
NUMBER_LENGTH = 16


class GuestEnding(StrEnum):
    """Why an invitation is over; a value of `Guest.ending`, or it is empty."""

    # The counsellor took it back, or had the guest leave.
    SENT_AWAY = "sent_away"
    # The appointment's own call is over; or theirs, of who was telephoned to.
    CALL_OVER = "call_over"
    EXPIRED = "expired"


_IS_OPEN = text("ended_at IS NULL")


class Guest(Base):
    """One invitation into one call, and whoever came by it; or one number that was called."""

    __tablename__ = "guest"
    __table_args__ = (
        CheckConstraint(
            "ending IN ('', 'sent_away', 'call_over', 'expired')", name="ending_known"
        ),
        CheckConstraint(
            "(ending = '') = (ended_at IS NULL)", name="ended_where_ending"
        ),
        CheckConstraint(
            "cookie_digest IS NULL OR opened_at IS NOT NULL", name="cookie_of_opened"
        ),
        # A kiosk takes one second call.
        Index(
            "uq_guest_appointment_open",
            "appointment_id",
            unique=True,
            sqlite_where=_IS_OPEN,
            postgresql_where=_IS_OPEN,
        ),
        # A number names a telephone for ever.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    appointment_id: Mapped[int] = mapped_column(
        ForeignKey("appointment.id"), index=True
    )
    # Who it is, in the counsellor's words; emptied with the resident's name.
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    # Half of what the link's token is made of: the other half is the site's own secret.
    nonce: Mapped[str] = mapped_column(String(NONCE_LENGTH))
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    # Of the browser that opened the link.
    cookie_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    invited_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Somebody brought the link once more.
    tried_again_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Since when they wait to be let in; None: they do not.
    knocked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # When their page was last heard of.
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ending: Mapped[str] = mapped_column(
        String(12), default="", server_default=text("''")
    )
    # Of who is telephoned to: the number, until Asterisk is told it and no longer; its last
    # digits, by which the counsellor knows it; and since when it rings.
    telephone: Mapped[str] = mapped_column(
        String(NUMBER_LENGTH), default="", server_default=text("''")
    )
    last_digits: Mapped[str] = mapped_column(
        String(2), default="", server_default=text("''")
    )
    rings_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    appointment: Mapped[Appointment] = relationship()

    @property
    def is_telephoned(self) -> bool:
        """Tell whether they come by telephone; else by a link."""
        return bool(self.last_digits)
