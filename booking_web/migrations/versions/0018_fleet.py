# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the machines tell, their self-tests, and what they are asked to do."""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "appointments_0018"
down_revision = "appointments_0017"
branch_labels = None
depends_on = None

OPEN = sa.text("state IN ('waiting', 'taken')")


def upgrade() -> None:
    """Create the tables; each machine fills its row when it is heard."""
    _create_reports()
    _create_orders()
    _create_self_tests()


def downgrade() -> None:
    """Remove them."""
    for table in (
        "self_test",
        "diagnosis",
        "kiosk_order",
        "node_report",
        "machine_report",
    ):
        op.drop_table(table)


def _create_reports() -> None:
    op.create_table(
        "machine_report",
        sa.Column("kiosk_id", sa.Integer(), nullable=False),
        sa.Column("heard_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.String(60), nullable=False),
        sa.Column("machine_id", sa.String(64), nullable=False),
        sa.Column("booted_at", UtcDateTime(), nullable=True),
        sa.Column("address", sa.String(60), nullable=False),
        sa.Column("clock_ahead_seconds", sa.BigInteger(), nullable=False),
        sa.Column("disk_free_bytes", sa.BigInteger(), nullable=True),
        sa.Column("disk_bytes", sa.BigInteger(), nullable=True),
        sa.Column("certificate_ends", UtcDateTime(), nullable=True),
        sa.Column("packages", sa.JSON(), nullable=False),
        sa.Column("screens", sa.JSON(), nullable=False),
        sa.Column("stranger_at", UtcDateTime(), nullable=True),
        sa.Column("stranger_id", sa.String(64), nullable=False),
        sa.Column("stranger_address", sa.String(60), nullable=False),
        _of_a_kiosk("machine_report"),
        sa.PrimaryKeyConstraint("kiosk_id", name=op.f("pk_machine_report")),
    )
    op.create_table(
        "node_report",
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("heard_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.String(60), nullable=False),
        sa.Column("booted_at", UtcDateTime(), nullable=True),
        sa.Column("disk_free_bytes", sa.BigInteger(), nullable=True),
        sa.Column("disk_bytes", sa.BigInteger(), nullable=True),
        sa.Column("certificate_ends", UtcDateTime(), nullable=True),
        sa.Column("is_backup_watched", sa.Boolean(), nullable=False),
        sa.Column("backed_up_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_node_report")),
    )


def _create_orders() -> None:
    op.create_table(
        "kiosk_order",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kiosk_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("asked_by", sa.String(80), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("taken_at", UtcDateTime(), nullable=True),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('self_test', 'diagnose', 'rotate', 'update')",
            name=op.f("ck_kiosk_order_kind_known"),
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'taken', 'done', 'expired')",
            name=op.f("ck_kiosk_order_state_known"),
        ),
        _of_a_kiosk("kiosk_order"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kiosk_order")),
    )
    op.create_index(op.f("ix_kiosk_order_kiosk_id"), "kiosk_order", ["kiosk_id"])
    op.create_index(
        "uq_kiosk_order_kiosk_id_kind_open",
        "kiosk_order",
        ["kiosk_id", "kind"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_table(
        "diagnosis",
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("kiosk_id", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["kiosk_order.id"],
            name=op.f("fk_diagnosis_order_id_kiosk_order"),
            ondelete="CASCADE",
        ),
        _of_a_kiosk("diagnosis"),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_diagnosis")),
    )
    op.create_index(op.f("ix_diagnosis_kiosk_id"), "diagnosis", ["kiosk_id"])


def _create_self_tests() -> None:
    op.create_table(
        "self_test",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kiosk_id", sa.Integer(), nullable=False),
        sa.Column("heard_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.String(60), nullable=False),
        sa.Column("reason", sa.String(12), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=True),
        sa.Column("is_ok", sa.Boolean(), nullable=False),
        sa.Column("checks", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "reason IN ('asked', 'morning', 'enrolment', 'update')",
            name=op.f("ck_self_test_reason_known"),
        ),
        _of_a_kiosk("self_test"),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["kiosk_order.id"],
            name=op.f("fk_self_test_order_id_kiosk_order"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_self_test")),
    )
    op.create_index("ix_self_test_kiosk_id_id", "self_test", ["kiosk_id", "id"])


def _of_a_kiosk(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["kiosk_id"],
        ["kiosk.id"],
        name=op.f(f"fk_{table}_kiosk_id_kiosk"),
        ondelete="CASCADE",
    )
