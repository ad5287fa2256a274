# SPDX-License-Identifier: AGPL-3.0-or-later
"""Since when a call is kept for a counsellor whose page has gone in it."""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "appointments_0041"
down_revision = "appointments_0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, empty: no call is kept."""
    op.add_column("appointment", sa.Column("kept_since", UtcDateTime(), nullable=True))


def downgrade() -> None:
    """Remove it."""
    op.drop_column("appointment", "kept_since")
