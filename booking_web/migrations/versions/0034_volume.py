# SPDX-License-Identifier: AGPL-3.0-or-later
"""How loud a kiosk is, as it tells with its devices."""

import sqlalchemy as sa
from alembic import op

revision = "appointments_0034"
down_revision = "appointments_0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody has told it yet."""
    op.add_column("kiosk_devices", sa.Column("volume", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Forget it."""
    op.drop_column("kiosk_devices", "volume")
