# SPDX-License-Identifier: AGPL-3.0-or-later
"""Since when a kiosk has its secrets, so that newer ones are told from older ones."""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "directory_0010"
down_revision = "directory_0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; of secrets that are there already it is not known."""
    op.add_column("kiosk", sa.Column("secrets_since", UtcDateTime(), nullable=True))


def downgrade() -> None:
    """Remove it."""
    op.drop_column("kiosk", "secrets_since")
