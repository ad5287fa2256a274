# SPDX-License-Identifier: AGPL-3.0-or-later
"""The tables of what the kiosk shows of who answers: an organisation's mark, a counsellor's photo.

The pictures are small, drawn anew by us, and lie in the database: one that is removed is gone
with its row.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from provisioning.database.engine import Base, UtcDateTime

# The start of the content's SHA-256 in hex: names the picture in an address.
DIGEST_LENGTH = 16
ACTOR_LENGTH = 80


class OrganisationMark(Base):
    """The mark of an organisation: a PNG."""

    __tablename__ = "organisation_mark"
    __table_args__ = (CheckConstraint("width > 0 AND height > 0", name="has_a_size"),)

    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), primary_key=True
    )
    content: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[str] = mapped_column(String(DIGEST_LENGTH))
    width: Mapped[int] = mapped_column()
    height: Mapped[int] = mapped_column()
    # Drawn in light colours on nothing: white paper behind it would hide it.
    is_light: Mapped[bool] = mapped_column()
    kept_at: Mapped[datetime] = mapped_column(UtcDateTime)
    kept_by: Mapped[str] = mapped_column(String(ACTOR_LENGTH))


class CounsellorPhoto(Base):
    """The photo of a counsellor who agreed to it: a JPEG, as high as it is wide."""

    __tablename__ = "counsellor_photo"
    __table_args__ = (CheckConstraint("width > 0", name="has_a_size"),)

    counsellor_id: Mapped[int] = mapped_column(
        ForeignKey("counsellor.id", ondelete="CASCADE"), primary_key=True
    )
    content: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[str] = mapped_column(String(DIGEST_LENGTH))
    width: Mapped[int] = mapped_column()
    # When they agreed, and who says so: themselves, or the manager.
    agreed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    kept_by: Mapped[str] = mapped_column(String(ACTOR_LENGTH))
