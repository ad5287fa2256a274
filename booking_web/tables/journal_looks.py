# SPDX-License-Identifier: AGPL-3.0-or-later
"""The table of what the last look at the journal's chain found."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from provisioning.database.engine import Base, UtcDateTime

THE_LOOK = 1


class JournalLook(Base):
    """The last look of a night, or a later one that found something wrong."""

    __tablename__ = "journal_look"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    looked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # How many things were wrong, and the last place of the chain before which nothing was.
    wrong: Mapped[int] = mapped_column()
    last_sound: Mapped[int] = mapped_column()
