# SPDX-License-Identifier: AGPL-3.0-or-later
"""What tells an appointment from another one that had its number before a restoration."""

import sqlalchemy as sa
from alembic import op

revision = "appointments_0014"
down_revision = "appointments_0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; appointments that were called before have none."""
    op.add_column(
        "appointment",
        sa.Column("nonce", sa.String(32), nullable=False, server_default=sa.text("''")),
    )


def downgrade() -> None:
    """Remove it: the number alone says again whose a late scan is."""
    op.drop_column("appointment", "nonce")
