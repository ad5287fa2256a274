# SPDX-License-Identifier: AGPL-3.0-or-later
"""The tables of statistics: an appointment in figures, and how far from a relay to whom."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from provisioning.database.engine import Base, UtcDateTime

MOST_KILOMETRES = 1000
# The key of the one row of `FiguresRefresh`.
THE_REFRESH = 1


class Result(StrEnum):
    """How an appointment stands, for the statistics: each is in exactly one of them."""

    # A resident and a counsellor spoke to each other, to the end.
    HONOURED = "honoured"
    # The resident did not come, and nobody was called.
    ABSENT = "absent"
    # A counsellor had come; nobody sat there.
    EMPTY_CHAIR = "empty_chair"
    # The kiosk was called, and no counsellor picked up.
    ABANDONED = "abandoned"
    # The kiosk did not answer.
    UNREACHABLE = "unreachable"
    INTERRUPTED = "interrupted"
    CANCELLED = "cancelled"
    # To come, going on, or never closed by anybody.
    OPEN = "open"


class AppointmentFigures(Base):
    """An appointment in figures: without a name, a reason's words or a counsellor.

    Written from its periods by night. It stays when the appointment itself is deleted, and
    when its relay, organisation or reason is: these are numbers without a key to them.
    """

    __tablename__ = "appointment_figures"
    __table_args__ = (
        CheckConstraint(
            f"result IN ({', '.join(repr(str(each)) for each in Result)})",
            name="result_known",
        ),
        Index("ix_appointment_figures_relay_id_day", "relay_id", "day"),
        Index("ix_appointment_figures_organisation_id_day", "organisation_id", "day"),
    )

    appointment_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    # On the wall of the relay, when it began; and the Monday of that week.
    day: Mapped[date] = mapped_column(index=True)
    week: Mapped[date]
    relay_id: Mapped[int]
    # Who had it in the end, where it was handed over.
    organisation_id: Mapped[int]
    visit_reason_id: Mapped[int | None]
    result: Mapped[Result] = mapped_column(String(12))
    # Rounded to ten seconds; None: nobody was spoken to.
    waited_seconds: Mapped[int | None]
    call_seconds: Mapped[int | None]
    # 1: its kiosk stood in a counsellor's queue, and within SERVICE_SECONDS one was there.
    queued: Mapped[int] = mapped_column(default=0)
    answered_in_time: Mapped[int] = mapped_column(default=0)
    pages_printed: Mapped[int] = mapped_column(default=0)
    pages_scanned: Mapped[int] = mapped_column(default=0)
    # What the resident answered, 1 in one of the two; 0 and 0: not asked.
    useful: Mapped[int] = mapped_column(default=0)
    useless: Mapped[int] = mapped_column(default=0)
    # 1: the counsellor noted that the matter is settled; that an outcome was noted at all.
    resolved: Mapped[int] = mapped_column(default=0)
    concluded: Mapped[int] = mapped_column(default=0)


class FiguresRefresh(Base):
    """Until when the figures are complete; one row, none before the first time."""

    __tablename__ = "figures_refresh"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    refreshed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class TravelDistance(Base):
    """How far it is by road from a relay to an organisation's nearest office, one way."""

    __tablename__ = "travel_distance"
    __table_args__ = (
        CheckConstraint(
            f"kilometres BETWEEN 1 AND {MOST_KILOMETRES}", name="kilometres_range"
        ),
    )

    relay_id: Mapped[int] = mapped_column(
        ForeignKey("relay.id", ondelete="CASCADE"), primary_key=True
    )
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), primary_key=True
    )
    kilometres: Mapped[int]
