# SPDX-License-Identifier: AGPL-3.0-or-later
"""The table of purges: when what had had its term was taken away, and how much."""

from datetime import datetime

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from provisioning.database.engine import Base, UtcDateTime


class Purge(Base):
    """One run of `guichet-web prune`, to its end."""

    __tablename__ = "purge"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    # By what was taken away, as the command names it; numbers alone.
    counts: Mapped[dict[str, int]] = mapped_column(JSON)
