# SPDX-License-Identifier: AGPL-3.0-or-later
"""The table of wipes: what each kiosk still holds of an appointment, or may hold."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from booking_web.tables.messages import one_of
from provisioning.database.engine import Base, UtcDateTime

FAILURES_LENGTH = 200


class WipeState(StrEnum):
    """How a kiosk stands after its last call."""

    # Nothing of anybody is left there, and that was looked after.
    CLEAN = "clean"
    # A call was up since, and no proof has come.
    OWED = "owed"
    # What may be seen or heard is gone; a scan waits to be delivered.
    DELIVERING = "delivering"
    # The kiosk says that something is left.
    FAILED = "failed"


class WipePart(StrEnum):
    """Where something of an appointment may be left, as a kiosk tells it."""

    SCREEN = "screen"
    TELEPHONE = "telephone"
    PRINT = "print"
    SPOOL = "spool"
    TEMPORARY = "temporary"
    LEDGER = "ledger"


class WipeCause(StrEnum):
    """Why it cannot be wiped, as a kiosk tells it."""

    NOT_DELETABLE = "not_deletable"
    READ_ONLY = "read_only"
    DISK_FULL = "disk_full"
    STILL_THERE = "still_there"
    SILENT = "silent"
    INTERNAL = "internal"


class KioskWipe(Base):
    """How a kiosk stands; one that does not prove its wipes has no row."""

    __tablename__ = "kiosk_wipe"
    __table_args__ = (CheckConstraint(one_of("state", WipeState), name="state_known"),)

    kiosk_id: Mapped[int] = mapped_column(
        ForeignKey("kiosk.id", ondelete="CASCADE"), primary_key=True
    )
    state: Mapped[WipeState] = mapped_column(String(12))
    # Whose call it was; None: nobody knows.
    appointment_id: Mapped[int | None] = mapped_column(
        ForeignKey("appointment.id", ondelete="SET NULL")
    )
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    # `part:cause`, separated by blanks.
    failures: Mapped[str] = mapped_column(String(FAILURES_LENGTH), default="")
