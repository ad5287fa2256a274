# SPDX-License-Identifier: AGPL-3.0-or-later
"""The table of the programs that may call the API."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from provisioning.database.engine import Base, UtcDateTime
from provisioning.database.models import Organisation, Relay, User

CLIENT_NAME_LENGTH = 60


class ApiClient(Base):
    """A program with a token, which reaches one organisation's or one relay's appointments.

    A removed client stays, so that its name in the journal means it alone.
    """

    __tablename__ = "api_client"
    __table_args__ = (
        CheckConstraint(
            "(organisation_id IS NULL) <> (relay_id IS NULL)", name="one_scope"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(CLIENT_NAME_LENGTH), unique=True)
    # SHA-256 in hex: the token itself was shown once and is nowhere here.
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    relay_id: Mapped[int | None] = mapped_column(ForeignKey("relay.id"))
    # Whose name stands for the appointments that it books; without this person no access.
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    may_write: Mapped[bool] = mapped_column()
    # Names of residents are neither listed nor sent to those without it.
    sees_residents: Mapped[bool] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    organisation: Mapped[Organisation | None] = relationship()
    relay: Mapped[Relay | None] = relationship()
    user: Mapped[User] = relationship()

    @property
    def actor(self) -> str:
        """Name the client in the journal."""
        return f"api:{self.name}"
