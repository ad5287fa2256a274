# SPDX-License-Identifier: AGPL-3.0-or-later
"""One-time links with which a password is chosen, and the e-mails that carry them."""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "appointments_0011"
down_revision = "appointments_0010"
branch_labels = None
depends_on = None

PURPOSES = "purpose IN ('invitation', 'forgotten')"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "password_link",
        sa.Column("token_digest", sa.String(64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(12), nullable=False),
        sa.Column("replaces", sa.String(64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(PURPOSES, name=op.f("ck_password_link_purpose_known")),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_password_link_user_id_user_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("token_digest", name=op.f("pk_password_link")),
    )
    for column in ("user_id", "expires_at"):
        op.create_index(op.f(f"ix_password_link_{column}"), "password_link", [column])
    op.create_table(
        "password_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("purpose", sa.String(12), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", UtcDateTime(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(PURPOSES, name=op.f("ck_password_mail_purpose_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_mail")),
    )
    op.create_index(
        op.f("ix_password_mail_next_attempt_at"), "password_mail", ["next_attempt_at"]
    )


def downgrade() -> None:
    """Remove them: links that were handed out open nothing."""
    op.drop_table("password_mail")
    op.drop_table("password_link")
