# SPDX-License-Identifier: AGPL-3.0-or-later
"""The table of what a host looked at before the first resident came."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking_web.tables.messages import one_of
from provisioning.database.engine import Base, UtcDateTime
from provisioning.database.models import User


class Step(StrEnum):
    """What is looked at, in this order."""

    KIOSK = "kiosk"
    DEVICES = "devices"
    PAPER = "paper"
    GLASS = "glass"
    SIGN = "sign"


class Found(StrEnum):
    """What was found."""

    OK = "ok"
    PROBLEM = "problem"


class OpeningCheck(Base):
    """One thing that was looked at, at one kiosk on one day of its relay; the last look counts."""

    __tablename__ = "opening_check"
    __table_args__ = (
        CheckConstraint(one_of("step", Step), name="step_known"),
        CheckConstraint(one_of("found", Found), name="found_known"),
    )

    kiosk_id: Mapped[int] = mapped_column(
        ForeignKey("kiosk.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    step: Mapped[Step] = mapped_column(String(10), primary_key=True)
    found: Mapped[Found] = mapped_column(String(10))
    checked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # None: the account is gone.
    checked_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )

    checked_by: Mapped[User | None] = relationship()
