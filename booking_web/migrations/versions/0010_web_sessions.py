# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sign-ins as rows, which end when they are ended and not when a cookie does."""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "appointments_0010"
down_revision = "appointments_0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; whoever is signed in signs in once more."""
    op.create_table(
        "web_session",
        sa.Column("key_digest", sa.String(64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("basis", sa.String(64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_web_session_user_id_user_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key_digest", name=op.f("pk_web_session")),
    )
    op.create_index(op.f("ix_web_session_user_id"), "web_session", ["user_id"])
    op.create_index(op.f("ix_web_session_seen_at"), "web_session", ["seen_at"])


def downgrade() -> None:
    """Remove it: everybody signs in once more."""
    op.drop_table("web_session")
