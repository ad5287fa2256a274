# SPDX-License-Identifier: AGPL-3.0-or-later
"""Messages to residents, and the secret addresses of calendar feeds."""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "appointments_0006"
down_revision = "appointments_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, those referred to first."""
    _create_message()
    _create_reminder_call()
    _create_calendar_feed()


def downgrade() -> None:
    """Remove them."""
    op.drop_table("calendar_feed")
    op.drop_table("reminder_call")
    op.drop_table("message")


def _create_message() -> None:
    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("channel", sa.String(6), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.String(30), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("state_since", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('booked', 'rescheduled', 'cancelled', 'reminder')",
            name=op.f("ck_message_kind_known"),
        ),
        sa.CheckConstraint(
            "channel IN ('email', 'sms')", name=op.f("ck_message_channel_known")
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'sent', 'dropped', 'given_up')",
            name=op.f("ck_message_state_known"),
        ),
        _foreign_key("message", "appointment_id", "appointment"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint(
            "appointment_id",
            "kind",
            "channel",
            "sequence",
            name="uq_message_appointment_id_kind_channel_sequence",
        ),
    )
    op.create_index(
        "ix_message_state_next_attempt_at", "message", ["state", "next_attempt_at"]
    )


def _create_reminder_call() -> None:
    op.create_table(
        "reminder_call",
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(12), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('told', 'not_reached')", name=op.f("ck_reminder_call_known")
        ),
        _foreign_key("reminder_call", "appointment_id", "appointment"),
        _foreign_key("reminder_call", "user_id", "user_account"),
        sa.PrimaryKeyConstraint(
            "appointment_id", "sequence", name=op.f("pk_reminder_call")
        ),
    )


def _create_calendar_feed() -> None:
    op.create_table(
        "calendar_feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_digest", sa.String(64), nullable=False),
        sa.Column("relay_id", sa.Integer(), nullable=True),
        sa.Column("counter_id", sa.Integer(), nullable=True),
        sa.Column("label", sa.String(60), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "(relay_id IS NULL) <> (counter_id IS NULL)",
            name=op.f("ck_calendar_feed_of_one_thing"),
        ),
        _foreign_key("calendar_feed", "relay_id", "relay"),
        _foreign_key("calendar_feed", "counter_id", "counter"),
        _foreign_key("calendar_feed", "created_by_id", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_calendar_feed_token_digest")),
    )
    for column in ("relay_id", "counter_id"):
        op.create_index(f"ix_calendar_feed_{column}", "calendar_feed", [column])


def _foreign_key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}")
    )
