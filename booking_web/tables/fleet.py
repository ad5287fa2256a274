# SPDX-License-Identifier: AGPL-3.0-or-later
"""The tables of the machines: what each last told, its self-tests, what it is asked to do.

Nothing here is about a resident.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    false,
    text,
)
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from booking_web.tables.messages import one_of
from provisioning.database.engine import Base, UtcDateTime
from provisioning.database.models import Kiosk

VERSION_LENGTH = 60
MACHINE_ID_LENGTH = 64
ADDRESS_LENGTH = 60
DIGEST_LENGTH = 64
NODE_LENGTH = 120
FAILING_LENGTH = 400
CODE_LENGTH = 60


class CheckState(StrEnum):
    """What a check of a self-test found; `absent`: this kiosk is set to have none."""

    OK = "ok"
    FAILED = "failed"
    ABSENT = "absent"


class TestReason(StrEnum):
    """Why a kiosk tested itself."""

    # Not a test of pytest's, whatever its name begins with.
    __test__ = False

    ASKED = "asked"
    MORNING = "morning"
    ENROLMENT = "enrolment"
    UPDATE = "update"


class UpdateState(StrEnum):
    """How the last update that a kiosk tried ended."""

    DONE = "done"
    # A check was red afterwards that was green before: it has its former version again.
    ROLLED_BACK = "rolled_back"
    # It was not installed: the kiosk has the version that it had.
    FAILED = "failed"


class OrderKind(StrEnum):
    """What a kiosk's machine may be asked to do."""

    SELF_TEST = "self_test"
    DIAGNOSE = "diagnose"
    ROTATE = "rotate"
    UPDATE = "update"


class OrderState(StrEnum):
    """Where an order stands."""

    WAITING = "waiting"
    # The kiosk has it.
    TAKEN = "taken"
    DONE = "done"
    # Nobody came for it, or nothing came of it, in time.
    EXPIRED = "expired"


class MachineReport(Base):
    """What a kiosk's machine last told of itself; one that never did has no row."""

    __tablename__ = "machine_report"

    kiosk_id: Mapped[int] = mapped_column(
        ForeignKey("kiosk.id", ondelete="CASCADE"), primary_key=True
    )
    # None: only another machine than the kiosk's own was heard so far.
    heard_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[str] = mapped_column(String(VERSION_LENGTH), default="")
    machine_id: Mapped[str] = mapped_column(String(MACHINE_ID_LENGTH), default="")
    booted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    address: Mapped[str] = mapped_column(String(ADDRESS_LENGTH), default="")
    # Of its clock against the server's; 0: right. Told in words, believed in nothing else.
    clock_ahead_seconds: Mapped[int] = mapped_column(BigInteger, default=0)
    disk_free_bytes: Mapped[int | None] = mapped_column(BigInteger)
    disk_bytes: Mapped[int | None] = mapped_column(BigInteger)
    certificate_ends: Mapped[datetime | None] = mapped_column(UtcDateTime)
    packages: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    screens: Mapped[list[Any]] = mapped_column(JSON, default=list)
    # Whether it tells of Debian's security updates, and when the list of them that it has was
    # signed; None: it has none.
    tells_security: Mapped[bool] = mapped_column(default=False, server_default=false())
    security_signed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # When another machine last came with this kiosk's token, and from where.
    stranger_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stranger_id: Mapped[str] = mapped_column(String(MACHINE_ID_LENGTH), default="")
    stranger_address: Mapped[str] = mapped_column(String(ADDRESS_LENGTH), default="")
    # When new secrets were asked for that nobody had ordered, with which token (its SHA-256,
    # in hex), and from where.
    misused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    misused_token: Mapped[str] = mapped_column(String(DIGEST_LENGTH), default="")
    misused_address: Mapped[str] = mapped_column(String(ADDRESS_LENGTH), default="")

    kiosk: Mapped[Kiosk] = relationship()


class KioskUpdate(Base):
    """The last update that a kiosk tried; one that never tried any has no row."""

    __tablename__ = "kiosk_update"
    __table_args__ = (
        CheckConstraint(one_of("state", UpdateState), name="state_known"),
    )

    kiosk_id: Mapped[int] = mapped_column(
        ForeignKey("kiosk.id", ondelete="CASCADE"), primary_key=True
    )
    state: Mapped[UpdateState] = mapped_column(String(12))
    # Of the kiosk's package, as its packaging system writes them.
    from_version: Mapped[str] = mapped_column(String(VERSION_LENGTH))
    to_version: Mapped[str] = mapped_column(String(VERSION_LENGTH))
    # By the kiosk's own clock; None: it does not tell.
    tried_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Why it did not go well, as a code.
    cause: Mapped[str] = mapped_column(String(CODE_LENGTH), default="")

    kiosk: Mapped[Kiosk] = relationship()

    @property
    def went_wrong(self) -> bool:
        """Tell whether the kiosk does not have what it was to have."""
        return self.state in (UpdateState.ROLLED_BACK, UpdateState.FAILED)


class KioskOrder(Base):
    """Something that a kiosk's machine is asked to do; one open order of a kind at most."""

    __tablename__ = "kiosk_order"
    __table_args__ = (
        CheckConstraint(one_of("kind", OrderKind), name="kind_known"),
        CheckConstraint(one_of("state", OrderState), name="state_known"),
        Index(
            "uq_kiosk_order_kiosk_id_kind_open",
            "kiosk_id",
            "kind",
            unique=True,
            sqlite_where=text("state IN ('waiting', 'taken')"),
            postgresql_where=text("state IN ('waiting', 'taken')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kiosk_id: Mapped[int] = mapped_column(
        ForeignKey("kiosk.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[OrderKind] = mapped_column(String(12))
    # `user:<id>`, or the name of a program.
    asked_by: Mapped[str] = mapped_column(String(80))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[OrderState] = mapped_column(String(10), default=OrderState.WAITING)
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # When it was done, or given up.
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    kiosk: Mapped[Kiosk] = relationship()


class Diagnosis(Base):
    """The archive that came of an order to diagnose, until it is fetched or old."""

    __tablename__ = "diagnosis"

    order_id: Mapped[int] = mapped_column(
        ForeignKey("kiosk_order.id", ondelete="CASCADE"), primary_key=True
    )
    kiosk_id: Mapped[int] = mapped_column(
        ForeignKey("kiosk.id", ondelete="CASCADE"), index=True
    )
    size: Mapped[int] = mapped_column()
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # A gzip archive, read only by whoever fetches it.
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary, nullable=False))


class SelfTest(Base):
    """A self-test of a kiosk, as it told it; the latest few of each are kept."""

    __tablename__ = "self_test"
    __table_args__ = (
        CheckConstraint(one_of("reason", TestReason), name="reason_known"),
        Index("ix_self_test_kiosk_id_id", "kiosk_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kiosk_id: Mapped[int] = mapped_column(ForeignKey("kiosk.id", ondelete="CASCADE"))
    # The server's own hour: a kiosk's clock may be what is wrong.
    heard_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[str] = mapped_column(String(VERSION_LENGTH))
    reason: Mapped[TestReason] = mapped_column(String(12))
    order_id: Mapped[int | None] = mapped_column(
        ForeignKey("kiosk_order.id", ondelete="SET NULL")
    )
    is_ok: Mapped[bool] = mapped_column()
    # Each with `name`, `state` (a value of CheckState), `cause` (a code or null), `details`.
    checks: Mapped[list[dict[str, Any]]] = mapped_column(JSON)

    kiosk: Mapped[Kiosk] = relationship()


class NodeReport(Base):
    """What a machine of the server told of itself; by its host name."""

    __tablename__ = "node_report"

    name: Mapped[str] = mapped_column(String(NODE_LENGTH), primary_key=True)
    heard_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[str] = mapped_column(String(VERSION_LENGTH))
    booted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    disk_free_bytes: Mapped[int | None] = mapped_column(BigInteger)
    disk_bytes: Mapped[int | None] = mapped_column(BigInteger)
    certificate_ends: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Whether the site says where its backups leave their mark, and when the last one did.
    is_backup_watched: Mapped[bool] = mapped_column(default=False)
    backed_up_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Which of `guichet-server check` fail, by name; empty: none. None: nobody looks.
    failing: Mapped[str | None] = mapped_column(String(FAILING_LENGTH))
