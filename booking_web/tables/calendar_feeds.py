# SPDX-License-Identifier: AGPL-3.0-or-later
"""The table of calendar feeds: who may read which calendar without signing in."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from provisioning.database.engine import Base, UtcDateTime
from provisioning.database.models import Counter, Relay

LABEL_LENGTH = 60


class CalendarFeed(Base):
    """A secret address at which the calendar of one relay or one counter can be read."""

    __tablename__ = "calendar_feed"
    __table_args__ = (
        CheckConstraint(
            "(relay_id IS NULL) <> (counter_id IS NULL)", name="of_one_thing"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # SHA-256 of the token, in hex: the token itself is only in the subscriber's calendar.
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    relay_id: Mapped[int | None] = mapped_column(ForeignKey("relay.id"), index=True)
    counter_id: Mapped[int | None] = mapped_column(ForeignKey("counter.id"), index=True)
    # For whom it was made, in the words of who made it.
    label: Mapped[str] = mapped_column(String(LABEL_LENGTH), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    # To the day: which addresses are still in use.
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    relay: Mapped[Relay | None] = relationship()
    counter: Mapped[Counter | None] = relationship()
