# SPDX-License-Identifier: AGPL-3.0-or-later
"""Appointments of which boards and messages tell neither who comes nor why."""

import sqlalchemy as sa
from alembic import op

revision = "appointments_0048"
down_revision = "appointments_0046"
branch_labels = None
depends_on = None

TABLES = ("appointment", "waiting_entry")


def upgrade() -> None:
    """Add the columns: none was discreet."""
    for table in TABLES:
        column: sa.Column[bool] = sa.Column(
            "discreet", sa.Boolean(), server_default=sa.false(), nullable=False
        )
        op.add_column(table, column)


def downgrade() -> None:
    """Remove them: what was discreet is like any other."""
    for table in TABLES:
        op.drop_column(table, "discreet")
