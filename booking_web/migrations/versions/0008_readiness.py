# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which endpoints are there, help that was asked for, and news of no appointment."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "appointments_0008"
down_revision = "appointments_0007"
branch_labels = None
depends_on = None

# What the news of an appointment always have, and the others not.
OF_AN_APPOINTMENT: dict[str, sa.types.TypeEngine[Any]] = {
    "kiosk_id": sa.Integer(),
    "appointment_id": sa.Integer(),
    "state": sa.String(20),
}


def upgrade() -> None:
    """Create the tables; news may be of a kiosk alone, or of all of them."""
    op.create_table(
        "endpoint_presence",
        sa.Column("slug", sa.String(60), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('kiosk', 'counsellor')",
            name=op.f("ck_endpoint_presence_kind_known"),
        ),
        sa.CheckConstraint(
            "state IN ('offline', 'ready', 'in_call', 'paused')",
            name=op.f("ck_endpoint_presence_state_known"),
        ),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_endpoint_presence")),
    )
    op.create_table(
        "presence_watch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("heard_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_presence_watch_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_presence_watch")),
    )
    _create_help_call()
    _make_optional(True)


def downgrade() -> None:
    """Remove them, and the news that are of no appointment."""
    op.execute("DELETE FROM live_event WHERE kind = 'readiness'")
    _make_optional(False)
    for table in ("help_call", "presence_watch", "endpoint_presence"):
        op.drop_table(table)


def _create_help_call() -> None:
    op.create_table(
        "help_call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kiosk_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["kiosk_id"], ["kiosk.id"], name=op.f("fk_help_call_kiosk_id_kiosk")
        ),
        sa.ForeignKeyConstraint(
            ["answered_by_id"],
            ["user_account.id"],
            name=op.f("fk_help_call_answered_by_id_user_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_call")),
    )
    op.create_index(op.f("ix_help_call_kiosk_id"), "help_call", ["kiosk_id"])
    op.create_index(
        "uq_help_call_kiosk_ringing",
        "help_call",
        ["kiosk_id"],
        unique=True,
        sqlite_where=sa.text("answered_at IS NULL"),
        postgresql_where=sa.text("answered_at IS NULL"),
    )


def _make_optional(is_optional: bool) -> None:
    # SQLite writes the table anew: neither trigger nor view hangs on this one.
    with op.batch_alter_table(
        "live_event", table_kwargs={"sqlite_autoincrement": True}
    ) as table:
        for column, kind in OF_AN_APPOINTMENT.items():
            table.alter_column(column, existing_type=kind, nullable=is_optional)
