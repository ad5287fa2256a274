# SPDX-License-Identifier: AGPL-3.0-or-later
"""By how much a kiosk's clock was ahead when it was last heard."""

import sqlalchemy as sa
from alembic import op

revision = "appointments_0013"
down_revision = "appointments_0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column: every clock is right until its kiosk is heard again."""
    op.add_column(
        "kiosk_devices",
        sa.Column(
            "clock_ahead_seconds", sa.BigInteger(), server_default="0", nullable=False
        ),
    )


def downgrade() -> None:
    """Remove it."""
    op.drop_column("kiosk_devices", "clock_ahead_seconds")
