# SPDX-License-Identifier: AGPL-3.0-or-later
"""The table of who an account belongs to at the identity provider."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from provisioning.database.engine import Base, UtcDateTime

# OpenID Connect Core 1.0, 2: no `sub` is longer.
SUBJECT_LENGTH = 255
ISSUER_LENGTH = 255


class ProviderTie(Base):
    """The person of one account, by the one name that a provider never gives to another."""

    __tablename__ = "provider_tie"
    __table_args__ = (
        UniqueConstraint("user_id", "issuer", name="uq_provider_tie_user_id_issuer"),
    )

    issuer: Mapped[str] = mapped_column(String(ISSUER_LENGTH), primary_key=True)
    subject: Mapped[str] = mapped_column(String(SUBJECT_LENGTH), primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE")
    )
    tied_at: Mapped[datetime] = mapped_column(UtcDateTime)
