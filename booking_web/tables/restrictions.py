# SPDX-License-Identifier: AGPL-3.0-or-later
"""Residents whose data are restricted (GDPR, article 18): kept, and nobody works with them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from provisioning.database.engine import Base, UtcDateTime

ENDS_WHEN_LENGTH = 200


class Ground(StrEnum):
    """Why, of article 18, paragraph 1: its letters a to d."""

    # The resident says that the data are wrong, until they were verified.
    ACCURACY = "accuracy"
    # They should not be held, and the resident does not want them erased.
    UNLAWFUL = "unlawful"
    # The site needs them no more, the resident does, for a legal claim.
    LEGAL_CLAIM = "legal_claim"
    # The resident objected, until it is known whose grounds are stronger.
    OBJECTION = "objection"


class Restriction(Base):
    """One entry of the register that is restricted; a double has a row of its own.

    A restriction that is lifted has none any more: the journal knows of it.
    """

    __tablename__ = "restriction"
    __table_args__ = (
        CheckConstraint(
            f"ground IN ({', '.join(repr(str(each)) for each in Ground)})",
            name="ground_known",
        ),
    )

    resident_id: Mapped[int] = mapped_column(
        ForeignKey("resident.id"), primary_key=True, autoincrement=False
    )
    ground: Mapped[Ground] = mapped_column(String(20))
    # In the officer's words.
    ends_when: Mapped[str] = mapped_column(String(ENDS_WHEN_LENGTH))
    noted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    noted_by: Mapped[str] = mapped_column(String(80))
