# SPDX-License-Identifier: AGPL-3.0-or-later
"""The language of the kiosk in an appointment, and in one that somebody waits for."""

import sqlalchemy as sa
from alembic import op

revision = "appointments_0033"
down_revision = "appointments_0032"
branch_labels = None
depends_on = None

TABLES = ("appointment", "waiting_entry")


def upgrade() -> None:
    """Have every kiosk speak French, as they all did."""
    for table in TABLES:
        op.add_column(
            table,
            sa.Column(
                "language", sa.String(length=8), server_default="fr", nullable=False
            ),
        )


def downgrade() -> None:
    """Forget the languages."""
    for table in TABLES:
        op.drop_column(table, "language")
