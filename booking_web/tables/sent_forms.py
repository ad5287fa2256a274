# SPDX-License-Identifier: AGPL-3.0-or-later
"""The table of forms that were taken, and where their answers led."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from provisioning.database.engine import Base, UtcDateTime

LEADS_TO_LENGTH = 500


class SentForm(Base):
    """A form that was taken, and where its answer led."""

    __tablename__ = "sent_form"

    number: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    leads_to: Mapped[str] = mapped_column(String(LEADS_TO_LENGTH))
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
