# SPDX-License-Identifier: AGPL-3.0-or-later
"""The table of duties: whether a counsellor is rung, why not, and until when."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, text
from sqlalchemy.orm import Mapped, mapped_column

from provisioning.database.engine import Base, UtcDateTime

CHANNEL_LENGTH = 150


class DutyState(StrEnum):
    """Whether the queue may ring a counsellor."""

    AVAILABLE = "available"
    PAUSED = "paused"
    # A pause of its own: from the moment a call is answered to the end of what is written
    # after it. It ends by itself.
    WRAP_UP = "wrap_up"


class PauseReason(StrEnum):
    """Why somebody is paused."""

    BREAK = "break"
    MEETING = "meeting"
    OTHER = "other"
    # Keyed on the telephone (*55), which gives no reason.
    TELEPHONE = "telephone"
    # By itself, after so many calls in a row that nobody picked up.
    MISSED_RINGS = "missed_rings"


# Those that a person may choose on a page.
CHOSEN_REASONS = (PauseReason.BREAK, PauseReason.MEETING, PauseReason.OTHER)


class CounsellorDuty(Base):
    """How a counsellor stands: what was last asked for, or what Asterisk was heard to hold.

    Where `applied_at` is None it was asked for and Asterisk does not hold it yet; otherwise
    it is what Asterisk holds. Who has no row is available.
    """

    __tablename__ = "counsellor_duty"
    __table_args__ = (
        CheckConstraint(
            "state IN ('available', 'paused', 'wrap_up')", name="state_known"
        ),
        CheckConstraint(
            "reason IN ('', 'break', 'meeting', 'other', 'telephone', 'missed_rings')",
            name="reason_known",
        ),
        CheckConstraint("(state = 'paused') = (reason <> '')", name="reason_of_pause"),
        CheckConstraint("until IS NULL OR state = 'wrap_up'", name="until_of_wrap_up"),
        CheckConstraint("missed_rings >= 0", name="missed_rings_counted"),
    )

    counsellor_id: Mapped[int] = mapped_column(
        ForeignKey("counsellor.id", ondelete="CASCADE"), primary_key=True
    )
    state: Mapped[DutyState] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(
        String(12), default="", server_default=text("''")
    )
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    # When the wrap-up ends; None: its call goes on, or it is no wrap-up.
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Since when they speak with somebody; None: they do not.
    call_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # In a row, and the channel that rang last: every dispatcher hears of each ring.
    missed_rings: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    missed_channel: Mapped[str] = mapped_column(
        String(CHANNEL_LENGTH), default="", server_default=text("''")
    )
