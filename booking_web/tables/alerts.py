# SPDX-License-Identifier: AGPL-3.0-or-later
"""The tables of alerts: what is wrong with the machines, and whom it is still to be told."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking_web.tables.messages import one_of
from provisioning.database.engine import Base, UtcDateTime
from provisioning.database.models import User

SUBJECT_LENGTH = 140
DETAIL_LENGTH = 400


class AlertKind(StrEnum):
    """What is wrong."""

    # Of a kiosk.
    KIOSK_SILENT = "kiosk_silent"
    SELF_TEST_FAILED = "self_test_failed"
    OTHER_MACHINE = "other_machine"
    TOKEN_MISUSED = "token_misused"
    CLOCK_WRONG = "clock_wrong"
    UPDATE_FAILED = "update_failed"
    SECURITY_OLD = "security_old"
    NOT_WIPED = "not_wiped"
    # Of a kiosk or a server.
    DISK_LOW = "disk_low"
    CERTIFICATE_ENDS = "certificate_ends"
    # Of the site.
    DISPATCHER_SILENT = "dispatcher_silent"
    BACKUP_OLD = "backup_old"
    JOURNAL_BROKEN = "journal_broken"
    SERVER_FAILING = "server_failing"
    # Of what is there and is not used.
    RELAY_UNUSED = "relay_unused"
    KIOSK_UNREACHABLE = "kiosk_unreachable"
    PAPER_UNCHECKED = "paper_unchecked"
    NO_HOURS = "no_hours"
    NO_COUNSELLOR = "no_counsellor"
    CALLS_MISSED = "calls_missed"


# Of a relay, of a kiosk, of an organisation: machines may all be well.
DISUSE_OF_RELAYS = frozenset({AlertKind.RELAY_UNUSED})
DISUSE_OF_KIOSKS = frozenset({AlertKind.KIOSK_UNREACHABLE, AlertKind.PAPER_UNCHECKED})
DISUSE_OF_ORGANISATIONS = frozenset(
    {AlertKind.NO_HOURS, AlertKind.NO_COUNSELLOR, AlertKind.CALLS_MISSED}
)
# Mailed by the server itself, past the database that these lines are in.
MAILED_FROM_OUTSIDE = frozenset({AlertKind.SERVER_FAILING})
DISUSE = DISUSE_OF_RELAYS | DISUSE_OF_KIOSKS | DISUSE_OF_ORGANISATIONS


class NoticeChannel(StrEnum):
    """By which way somebody is told."""

    EMAIL = "email"
    WEBHOOK = "webhook"
    # An e-mail to one person whom it concerns.
    PERSON = "person"


class NoticeState(StrEnum):
    """What became of a notice."""

    WAITING = "waiting"
    SENT = "sent"
    GIVEN_UP = "given_up"


class Alert(Base):
    """Something that is wrong, or was: seen, raised once it lasts, over once it is past."""

    __tablename__ = "alert"
    __table_args__ = (
        CheckConstraint(one_of("kind", AlertKind), name="kind_known"),
        Index(
            "uq_alert_kind_subject_open",
            "kind",
            "subject",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[AlertKind] = mapped_column(String(20))
    # The name of a kiosk, a host, a relay or an organisation; empty: the site as a whole.
    subject: Mapped[str] = mapped_column(String(SUBJECT_LENGTH))
    # More about it, in codes and figures; never anything about a resident.
    detail: Mapped[str] = mapped_column(String(DETAIL_LENGTH), default="")
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # None: it does not last long enough yet to be told.
    raised_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Since when it is past, perhaps for a moment only.
    past_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AlertNotice(Base):
    """That an alert began, or is over, on its way to one channel."""

    __tablename__ = "alert_notice"
    __table_args__ = (
        UniqueConstraint("alert_id", "is_over", "channel", "user_id"),
        # Of no person each way has one: to a key, NULL is like no other NULL.
        Index(
            "uq_alert_notice_of_nobody",
            *("alert_id", "is_over", "channel"),
            unique=True,
            sqlite_where=text("user_id IS NULL"),
            postgresql_where=text("user_id IS NULL"),
        ),
        CheckConstraint(
            "(channel = 'person') = (user_id IS NOT NULL)", name="of_a_person"
        ),
        CheckConstraint(one_of("channel", NoticeChannel), name="channel_known"),
        CheckConstraint(one_of("state", NoticeState), name="state_known"),
        Index("ix_alert_notice_state_next_attempt_at", "state", "next_attempt_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # By it a receiver knows a notice that comes a second time.
    uuid: Mapped[str] = mapped_column(String(36), unique=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alert.id", ondelete="CASCADE"))
    is_over: Mapped[bool] = mapped_column()
    channel: Mapped[NoticeChannel] = mapped_column(String(8))
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    state: Mapped[NoticeState] = mapped_column(String(10), default=NoticeState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    # While an attempt is under way: when another sender may take the notice over.
    next_attempt_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # Why the last attempt failed, as a code.
    reason: Mapped[str] = mapped_column(String(60), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    alert: Mapped[Alert] = relationship()
    user: Mapped[User | None] = relationship()


class AlertsLeftOff(Base):
    """A person who wants no e-mails about alerts; whoever has no row is sent them."""

    __tablename__ = "alerts_left_off"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )
    since: Mapped[datetime] = mapped_column(UtcDateTime)
