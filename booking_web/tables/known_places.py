# SPDX-License-Identifier: AGPL-3.0-or-later
"""The table of the places from which people usually sign in."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from provisioning.database.engine import Base, UtcDateTime


class KnownPlace(Base):
    """A place from which this person has signed in."""

    __tablename__ = "known_place"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True
    )
    # A keyed digest: the address does not lie here.
    place_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
