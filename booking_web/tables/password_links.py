# SPDX-License-Identifier: AGPL-3.0-or-later
"""The table of one-time links with which a person chooses a password."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from provisioning.database.engine import Base, UtcDateTime


class Purpose(StrEnum):
    """What a link is for; it decides how long it is good."""

    # Made by an administrator for somebody new, or who has lost everything.
    INVITATION = "invitation"
    # Asked for by the person, by e-mail.
    FORGOTTEN = "forgotten"


class MailPurpose(StrEnum):
    """What an e-mail about a sign-in is for: a link of each purpose, or a notice."""

    INVITATION = "invitation"
    FORGOTTEN = "forgotten"
    # An administrator took the second factor away.
    FACTOR_RESET = "factor_reset"


def one_of(purposes: type[StrEnum]) -> str:
    """Give the condition of a column that holds one of the purposes."""
    return f"purpose IN ({', '.join(repr(str(value)) for value in purposes)})"


class PasswordLink(Base):
    """A link that was handed out; its token is in the link alone."""

    __tablename__ = "password_link"
    __table_args__ = (CheckConstraint(one_of(Purpose), name="purpose_known"),)

    # SHA-256 of the token in hex.
    token_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    purpose: Mapped[Purpose] = mapped_column(String(12))
    # SHA-256 of the stored hash of the password that the link replaces.
    replaces: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
