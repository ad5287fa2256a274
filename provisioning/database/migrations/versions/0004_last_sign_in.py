# SPDX-License-Identifier: AGPL-3.0-or-later
"""When a person last signed in: who never did may not have had the invitation."""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "directory_0004"
down_revision = "directory_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, empty."""
    op.add_column(
        "user_account", sa.Column("last_signed_in_at", UtcDateTime(), nullable=True)
    )


def downgrade() -> None:
    """Remove it."""
    op.drop_column("user_account", "last_signed_in_at")
