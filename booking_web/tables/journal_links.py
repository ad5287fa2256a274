# SPDX-License-Identifier: AGPL-3.0-or-later
"""The table of the chain in which each line of the journal has its place."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from provisioning.database.engine import Base, UtcDateTime

DIGEST_LENGTH = 64


class JournalLink(Base):
    """A line's place in the chain. Append-only: triggers refuse updates and deletes.

    It holds digests alone, so that it may stay when its line has had its term.
    """

    __tablename__ = "journal_link"

    # From 1, one by one: the order in which lines were found committed.
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    # No reference: the line may be deleted after its term.
    entry_id: Mapped[int] = mapped_column(unique=True)
    content: Mapped[str] = mapped_column(String(DIGEST_LENGTH))
    # From when the line may be deleted; None: never.
    term: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Over all this and the digest before it.
    digest: Mapped[str] = mapped_column(String(DIGEST_LENGTH))
