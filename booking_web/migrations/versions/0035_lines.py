# SPDX-License-Identifier: AGPL-3.0-or-later
"""How the line of a kiosk's call is, each way."""

import sqlalchemy as sa
from alembic import op

revision = "appointments_0035"
down_revision = "appointments_0034"
branch_labels = None
depends_on = None

COLUMNS = ("line_from_kiosk", "line_to_kiosk")


def upgrade() -> None:
    """Let each line be well until a kiosk tells otherwise."""
    for column in COLUMNS:
        op.add_column(
            "kiosk_devices",
            sa.Column(column, sa.String(length=20), server_default="", nullable=False),
        )


def downgrade() -> None:
    """Forget the lines."""
    for column in COLUMNS:
        op.drop_column("kiosk_devices", column)
