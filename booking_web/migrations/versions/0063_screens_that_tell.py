# SPDX-License-Identifier: AGPL-3.0-or-later
"""A second screen tells what people see on it, and in what language."""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "appointments_0063"
down_revision = "appointments_0062"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; a call that is up now is told of again within seconds."""
    with op.batch_alter_table("kiosk_screen") as table:
        table.add_column(sa.Column("told_at", UtcDateTime()))
        table.add_column(
            sa.Column("told_language", sa.String(10), nullable=False, server_default="")
        )


def downgrade() -> None:
    """Remove them."""
    with op.batch_alter_table("kiosk_screen") as table:
        table.drop_column("told_language")
        table.drop_column("told_at")
