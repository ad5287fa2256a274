# SPDX-License-Identifier: AGPL-3.0-or-later
"""Displays on a wall, each let in by a link of its own."""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "appointments_0052"
down_revision = "appointments_0054"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; there is no display yet."""
    op.create_table(
        "wall_display",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(60), nullable=False),
        sa.Column("is_dark", sa.Boolean(), nullable=False),
        sa.Column("token_digest", sa.String(64), nullable=False),
        sa.Column("cookie_digest", sa.String(64), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("opened_at", UtcDateTime(), nullable=True),
        sa.Column("seen_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "(cookie_digest IS NULL) = (opened_at IS NULL)",
            name=op.f("ck_wall_display_cookie_of_opened"),
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["user_account.id"],
            name=op.f("fk_wall_display_created_by_id_user_account"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wall_display")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_wall_display_token_digest")),
        sa.UniqueConstraint(
            "cookie_digest", name=op.f("uq_wall_display_cookie_digest")
        ),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Remove it: no display is let in any more."""
    op.drop_table("wall_display")
