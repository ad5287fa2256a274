# SPDX-License-Identifier: AGPL-3.0-or-later
"""The table of sign-ins."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from provisioning.database.engine import Base, UtcDateTime


class WebSession(Base):
    """One sign-in in one browser."""

    __tablename__ = "web_session"

    # SHA-256 of the key in hex: who reads the table cannot sign in with it.
    key_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    # SHA-256 of what the sign-in rests on.
    basis: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
