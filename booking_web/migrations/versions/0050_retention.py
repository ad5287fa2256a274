# SPDX-License-Identifier: AGPL-3.0-or-later
"""When what had had its term was taken away, and how much."""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "appointments_0050"
down_revision = "appointments_0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; each purge writes a row from now on."""
    op.create_table(
        "purge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purge")),
    )
    op.create_index("ix_purge_at", "purge", ["at"])


def downgrade() -> None:
    """Remove the table."""
    op.drop_table("purge")
