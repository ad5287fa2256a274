# SPDX-License-Identifier: AGPL-3.0-or-later
"""The tables of second factors, of their recovery codes, and of sign-ins half way."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from provisioning.database.engine import Base, UtcDateTime

SEALED_LENGTH = 255


class SecondFactor(Base):
    """The secret that a person's telephone makes its codes of (RFC 6238)."""

    __tablename__ = "second_factor"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True
    )
    # Under a key that is derived from the site's secret key.
    sealed_secret: Mapped[str] = mapped_column(String(SEALED_LENGTH))
    # The time step of the latest code that was taken: no code is taken twice.
    last_step: Mapped[int]
    set_up_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RecoveryCode(Base):
    """A code that signs in once without the telephone; a used one is no row any more."""

    __tablename__ = "recovery_code"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True
    )
    # Which of the ten: the code's first letter says so.
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    # As a password's.
    code_hash: Mapped[str] = mapped_column(String(255))


class HalfSignIn(Base):
    """Somebody has given the right password in one browser, and owes the code."""

    __tablename__ = "half_sign_in"

    # SHA-256 of the key in hex; the key is in the browser's cookie alone.
    key_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    # As `web_session.basis`: another password, role or place ends it.
    basis: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    # As `web_session.sealed_voucher`, until the code is given.
    sealed_voucher: Mapped[str | None] = mapped_column(Text)
