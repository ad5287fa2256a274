# SPDX-License-Identifier: AGPL-3.0-or-later
"""The tables of forms that were taken, and of those that wait for who typed them."""

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from provisioning.database.engine import Base, UtcDateTime

LEADS_TO_LENGTH = 500
# Who does not come back by then types it anew.
KEPT_FOR = timedelta(days=1)


class SentForm(Base):
    """A form that was taken, and where its answer led."""

    __tablename__ = "sent_form"

    number: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    leads_to: Mapped[str] = mapped_column(String(LEADS_TO_LENGTH))
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class KeptForm(Base):
    """What a person typed when their sign-in had run out; the latest one alone."""

    __tablename__ = "kept_form"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True
    )
    # SHA-256 of the key in hex, which is in the cookie of the browser it was typed in.
    key_digest: Mapped[str] = mapped_column(String(64))
    sealed: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
