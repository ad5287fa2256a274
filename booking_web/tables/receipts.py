# SPDX-License-Identifier: AGPL-3.0-or-later
"""The table of receipts: which documents of an appointment are one."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking_web.tables.documents import Document
from provisioning.database.engine import Base, UtcDateTime


class Receipt(Base):
    """A receipt that was made; what it says is in its document alone."""

    __tablename__ = "receipt"
    __table_args__ = (
        Index("ix_receipt_appointment_id_sha256", "appointment_id", "sha256"),
    )

    document_id: Mapped[int] = mapped_column(
        ForeignKey("document.id"), primary_key=True
    )
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointment.id"))
    # Of its PDF: one that says the same is the same receipt.
    sha256: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)

    document: Mapped[Document] = relationship()
