# SPDX-License-Identifier: AGPL-3.0-or-later
"""The table of attempts that are counted."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from provisioning.database.engine import Base, UtcDateTime


class RateLimit(Base):
    """How often `key` was seen in the window that ends at `expires_at`."""

    __tablename__ = "rate_limit"

    # A SHA-256 in hex: an address or an account never lies here in clear.
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    hits: Mapped[int] = mapped_column()
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
