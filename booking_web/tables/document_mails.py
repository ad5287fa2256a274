# SPDX-License-Identifier: AGPL-3.0-or-later
"""The table of documents that are sent to a resident by e-mail, each attached to one.

No address and no text is kept: the address is the resident's when the e-mail goes out.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking_web.tables.documents import Document
from booking_web.tables.messages import MessageState, one_of
from provisioning.database.engine import Base, UtcDateTime


class DocumentMail(Base):
    """One e-mail with one document."""

    __tablename__ = "document_mail"
    __table_args__ = (
        CheckConstraint(one_of("state", MessageState), name="state_known"),
        Index("ix_document_mail_state_next_attempt_at", "state", "next_attempt_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), index=True)
    state: Mapped[MessageState] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(default=0)
    # While an attempt is under way: when another sender may take it over.
    next_attempt_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # Why the last attempt failed or it was dropped: a value of `messages.Trouble`.
    reason: Mapped[str] = mapped_column(String(30), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # As in the journal.
    created_by: Mapped[str] = mapped_column(String(80))
    state_since: Mapped[datetime] = mapped_column(UtcDateTime)

    document: Mapped[Document] = relationship()
