# SPDX-License-Identifier: AGPL-3.0-or-later
"""How machines are let in and shut out: codes, secrets that end, telephones to cut."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from provisioning.database.engine import Base, UtcDateTime
from provisioning.database.models import SLUG_LENGTH

PUBLIC_ID_LENGTH = 5
ATTEMPT_LENGTH = 32
# Of the row in which Asterisk finds a former secret: no slug of ours begins so.
FORMER_AUTH = "former-"


class KioskEnrolment(Base):
    """The code by which a machine becomes this kiosk, once; see `directory.enrolment`."""

    __tablename__ = "kiosk_enrolment"
    __table_args__ = (
        CheckConstraint("(attempt IS NULL) = (used_at IS NULL)", name="used_by"),
    )

    kiosk_id: Mapped[int] = mapped_column(
        ForeignKey("kiosk.id", ondelete="CASCADE"), primary_key=True
    )
    # The code's first group, by which it is looked up; it opens nothing.
    public_id: Mapped[str] = mapped_column(String(PUBLIC_ID_LENGTH), unique=True)
    # SHA-256 of the code in hex: the code itself is only where it is typed.
    code_digest: Mapped[str] = mapped_column(String(64), unique=True)
    # Made of the code, in hex: with it the server proves that an authority is the site's.
    proof_key: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # Who brought it, as the machine calls its attempt, and when.
    attempt: Mapped[str | None] = mapped_column(String(ATTEMPT_LENGTH))
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class FormerSecret(Base):
    """What a kiosk showed before its secrets were rotated, good until `ends_at`.

    Its SIP digest is the row of `ps_auths` that is called `former-<kiosk_id>`.
    """

    __tablename__ = "former_secret"

    kiosk_id: Mapped[int] = mapped_column(
        ForeignKey("kiosk.id", ondelete="CASCADE"), primary_key=True
    )
    # SHA-256 of the former API token, in hex; None once the new one was shown.
    token_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    rotated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)


class EndpointCut(Base):
    """A telephone whose registration and calls are to end, or ended, at Asterisk."""

    __tablename__ = "endpoint_cut"

    # A kiosk's or a counsellor's; it may be gone from the directory by then.
    slug: Mapped[str] = mapped_column(String(SLUG_LENGTH), primary_key=True)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # None: the dispatcher has not done it yet.
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    # True: the secrets were taken away too, and nobody has been given new ones.
    is_revoked: Mapped[bool] = mapped_column()


def former_auth_id(kiosk_id: int) -> str:
    """Give the name of the row of `ps_auths` with a kiosk's former SIP secret."""
    return f"{FORMER_AUTH}{kiosk_id}"
