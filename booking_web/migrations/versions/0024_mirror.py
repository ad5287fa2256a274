# SPDX-License-Identifier: AGPL-3.0-or-later
"""The second screen follows a draft, and shows what is written, pointed at and read aloud."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "appointments_0024"
down_revision = "appointments_0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; a screen shows none of it."""
    with op.batch_alter_table("kiosk_screen") as table:
        for column in _columns():
            table.add_column(column)
        table.create_foreign_key(
            op.f("fk_kiosk_screen_draft_id_draft"), "draft", ["draft_id"], ["id"]
        )


def downgrade() -> None:
    """Remove them, and the news of it."""
    op.execute("DELETE FROM live_event WHERE kind = 'mirror'")
    with op.batch_alter_table("kiosk_screen") as table:
        table.drop_constraint(
            op.f("fk_kiosk_screen_draft_id_draft"), type_="foreignkey"
        )
        for column in _columns():
            table.drop_column(column.name)


def _columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("draft_id", sa.Integer(), nullable=True),
        sa.Column("place", sa.Text(), nullable=False, server_default=""),
        sa.Column("pages_seen", sa.Text(), nullable=False, server_default=""),
        sa.Column("sealed_words", sa.LargeBinary(), nullable=True),
        sa.Column("pointer_x", sa.Double(), nullable=True),
        sa.Column("pointer_y", sa.Double(), nullable=True),
        sa.Column("said", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("said_what", sa.String(10), nullable=False, server_default=""),
        sa.Column("said_place", sa.Text(), nullable=False, server_default=""),
    ]
