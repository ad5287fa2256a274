# SPDX-License-Identifier: AGPL-3.0-or-later
"""The tables of scans that are looked at together: how their pages lie, and what they were."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking_web.tables.documents import VERDICTS_LENGTH, Document
from provisioning.database.engine import Base, UtcDateTime

MARK_LENGTH = 80


class Arrangement(Base):
    """How the pages of a document are to lie, until they are kept so.

    The line stays when they are kept, so that a revision never means two things.
    """

    __tablename__ = "arrangement"
    __table_args__ = (
        CheckConstraint("revision >= 0", name="revision_from_zero"),
        CheckConstraint("pages_kept >= 0", name="pages_kept_from_zero"),
    )

    document_id: Mapped[int] = mapped_column(
        ForeignKey("document.id"), primary_key=True
    )
    # One more with each change.
    revision: Mapped[int] = mapped_column(default=0)
    # `domain.documents.laid_pages.LaidPage`, each as its `to_json` gives it.
    pages: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    # How they lay before the latest changes, the last one last.
    before: Mapped[list[list[dict[str, Any]]]] = mapped_column(JSON, default=list)
    next_key: Mapped[int] = mapped_column(default=1)
    # The key of the page whose place a scan job's pages are to take, by the job's number.
    awaited: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    # What each page is to say across it: what the copy is for; empty: nothing.
    mark: Mapped[str] = mapped_column(String(MARK_LENGTH), default="")
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # As in the journal.
    changed_by: Mapped[str] = mapped_column(String(80))
    # While it is being kept: when the last page was made, how many are, of how many.
    keeping_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    pages_kept: Mapped[int] = mapped_column(default=0)
    pages_to_keep: Mapped[int] = mapped_column(default=0)
    # Why it could not be kept, in a code of `words.scans`; empty: nothing went wrong.
    trouble: Mapped[str] = mapped_column(String(40), default="")

    document: Mapped[Document] = relationship()


class DocumentOriginal(Base):
    """What a document was before it was arranged; gone when it can no longer come back."""

    __tablename__ = "document_original"
    __table_args__ = (CheckConstraint("pages >= 1", name="has_pages"),)

    document_id: Mapped[int] = mapped_column(
        ForeignKey("document.id"), primary_key=True
    )
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int] = mapped_column()
    pages: Mapped[int] = mapped_column()
    verdicts: Mapped[str] = mapped_column(String(VERDICTS_LENGTH), default="")
    # When the document was last arranged.
    arranged_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)

    document: Mapped[Document] = relationship()
