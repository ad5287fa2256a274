# SPDX-License-Identifier: AGPL-3.0-or-later
"""The table of displays on a wall: who may see how the site is now without signing in."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from provisioning.database.engine import Base, UtcDateTime

LABEL_LENGTH = 60


class WallDisplay(Base):
    """One screen: a link that opens it once, and the cookie that it has from then on."""

    __tablename__ = "wall_display"
    __table_args__ = (
        CheckConstraint(
            "(cookie_digest IS NULL) = (opened_at IS NULL)", name="cookie_of_opened"
        ),
        # A revoked one's number is never another one's.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # Where it hangs, in the words of who made it.
    label: Mapped[str] = mapped_column(String(LABEL_LENGTH))
    is_dark: Mapped[bool] = mapped_column()
    # SHA-256 in hex: link and cookie themselves are only where they are used.
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    cookie_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # None: the account is gone.
    created_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    # None: the link was not used yet.
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # To the minute: whether it hangs there still.
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
