# SPDX-License-Identifier: AGPL-3.0-or-later
"""Alerts about the machines, and whom they are still to be told."""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "appointments_0020"
down_revision = "appointments_0019"
branch_labels = None
depends_on = None

OPEN = sa.text("ended_at IS NULL")


def upgrade() -> None:
    """Create the tables; the first look at the fleet fills them."""
    op.create_table(
        "alert",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("subject", sa.String(140), nullable=False),
        sa.Column("detail", sa.String(400), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("raised_at", UtcDateTime(), nullable=True),
        sa.Column("past_since", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('kiosk_silent', 'self_test_failed', 'other_machine', "
            "'clock_wrong', 'disk_low', 'certificate_ends', 'dispatcher_silent', "
            "'backup_old')",
            name=op.f("ck_alert_kind_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
    )
    op.create_index(
        "uq_alert_kind_subject_open",
        "alert",
        ["kind", "subject"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_table(
        "alert_notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(36), nullable=False),
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.Column("is_over", sa.Boolean(), nullable=False),
        sa.Column("channel", sa.String(8), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.String(60), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "channel IN ('email', 'webhook')",
            name=op.f("ck_alert_notice_channel_known"),
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'sent', 'given_up')",
            name=op.f("ck_alert_notice_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["alert_id"],
            ["alert.id"],
            name=op.f("fk_alert_notice_alert_id_alert"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_notice")),
        sa.UniqueConstraint("uuid", name=op.f("uq_alert_notice_uuid")),
        sa.UniqueConstraint(
            "alert_id",
            "is_over",
            "channel",
            name=op.f("uq_alert_notice_alert_id_is_over_channel"),
        ),
    )
    op.create_index(
        "ix_alert_notice_state_next_attempt_at",
        "alert_notice",
        ["state", "next_attempt_at"],
    )


def downgrade() -> None:
    """Remove them."""
    op.drop_table("alert_notice")
    op.drop_table("alert")
