# SPDX-License-Identifier: AGPL-3.0-or-later
"""A document on the second screen can be looked at closely."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "appointments_0029"
down_revision = "appointments_0028"
branch_labels = None
depends_on = None

_CHECK = "ck_kiosk_screen_zoom_from_whole"


def upgrade() -> None:
    """Add how closely and where; a screen shows the whole page."""
    with op.batch_alter_table("kiosk_screen") as table:
        for column in _columns():
            table.add_column(column)
        table.create_check_constraint(op.f(_CHECK), "zoom >= 1")


def downgrade() -> None:
    """Remove it."""
    with op.batch_alter_table("kiosk_screen") as table:
        table.drop_constraint(op.f(_CHECK), type_="check")
        for column in _columns():
            table.drop_column(column.name)


def _columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("zoom", sa.Double(), nullable=False, server_default="1"),
        sa.Column("zoom_x", sa.Double(), nullable=False, server_default="0.5"),
        sa.Column("zoom_y", sa.Double(), nullable=False, server_default="0.5"),
    ]
