# SPDX-License-Identifier: AGPL-3.0-or-later
"""The tables of who is there: endpoints, the watch over them, calls for help."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from provisioning.database.engine import Base, UtcDateTime
from provisioning.database.models import SLUG_LENGTH, Kiosk

# The one row of `presence_watch`.
THE_WATCH = 1


class EndpointKind(StrEnum):
    """Whose SIP endpoint it is."""

    KIOSK = "kiosk"
    COUNSELLOR = "counsellor"


class Presence(StrEnum):
    """Whether an endpoint could be called."""

    OFFLINE = "offline"
    READY = "ready"
    IN_CALL = "in_call"
    # A counsellor who takes no call from the queue now.
    PAUSED = "paused"


class EndpointPresence(Base):
    """What Asterisk last said of an endpoint; one that it never saw has no row.

    It counts only while `presence_watch` is fresh.
    """

    __tablename__ = "endpoint_presence"
    __table_args__ = (
        CheckConstraint("kind IN ('kiosk', 'counsellor')", name="kind_known"),
        CheckConstraint(
            "state IN ('offline', 'ready', 'in_call', 'paused')", name="state_known"
        ),
    )

    slug: Mapped[str] = mapped_column(String(SLUG_LENGTH), primary_key=True)
    kind: Mapped[EndpointKind] = mapped_column(String(12))
    state: Mapped[Presence] = mapped_column(String(12))
    # None: it was so when the watch began.
    since: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PresenceWatch(Base):
    """The dispatcher's sign of life: without a fresh one nobody knows who is there."""

    __tablename__ = "presence_watch"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    # None: the dispatcher runs, but does not hear Asterisk.
    heard_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class HelpCall(Base):
    """Somebody pressed a kiosk's help key; one that rings at most at each kiosk."""

    __tablename__ = "help_call"
    __table_args__ = (
        Index(
            "uq_help_call_kiosk_ringing",
            "kiosk_id",
            unique=True,
            sqlite_where=text("answered_at IS NULL"),
            postgresql_where=text("answered_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kiosk_id: Mapped[int] = mapped_column(ForeignKey("kiosk.id"), index=True)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # None: nobody came, it stopped ringing by itself.
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))

    kiosk: Mapped[Kiosk] = relationship()
