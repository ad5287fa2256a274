# SPDX-License-Identifier: AGPL-3.0-or-later
"""Clients of the booking API, their webhooks and what is still to be told by them."""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "appointments_0007"
down_revision = "appointments_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, those referred to first."""
    op.create_table(
        "api_client",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("token_digest", sa.String(64), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("relay_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("may_write", sa.Boolean(), nullable=False),
        sa.Column("sees_residents", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("removed_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "(organisation_id IS NULL) <> (relay_id IS NULL)",
            name=op.f("ck_api_client_one_scope"),
        ),
        _foreign_key("api_client", "organisation_id", "organisation"),
        _foreign_key("api_client", "relay_id", "relay"),
        _foreign_key("api_client", "user_id", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_client")),
        sa.UniqueConstraint("name", name=op.f("uq_api_client_name")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_api_client_token_digest")),
    )
    op.create_table(
        "webhook",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(500), nullable=False),
        sa.Column("sealed_secret", sa.String(250), nullable=False),
        sa.Column("kinds", sa.String(60), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        _foreign_key("webhook", "client_id", "api_client"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
    )
    _index("webhook", "client_id")
    _create_webhook_event()


def downgrade() -> None:
    """Remove them."""
    op.drop_table("webhook_event")
    op.drop_table("webhook")
    op.drop_table("api_client")


def _create_webhook_event() -> None:
    op.create_table(
        "webhook_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(36), nullable=False),
        sa.Column("webhook_id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.Column("last_error", sa.String(60), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'delivered', 'given_up')",
            name=op.f("ck_webhook_event_state_known"),
        ),
        _foreign_key("webhook_event", "webhook_id", "webhook"),
        _foreign_key("webhook_event", "appointment_id", "appointment"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_event")),
        sa.UniqueConstraint("uuid", name=op.f("uq_webhook_event_uuid")),
    )
    _index("webhook_event", "webhook_id", "appointment_id")
    _index("webhook_event", "appointment_id")
    _index("webhook_event", "state", "due_at")


def _foreign_key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}")
    )


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))
