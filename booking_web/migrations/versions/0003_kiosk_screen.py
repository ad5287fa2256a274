# SPDX-License-Identifier: AGPL-3.0-or-later
"""What each kiosk's second screen shows: a page of a document, a cue for the resident."""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "appointments_0003"
down_revision = "appointments_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; a kiosk has a line once something was shown in it."""
    op.create_table(
        "kiosk_screen",
        sa.Column("kiosk_id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=True),
        sa.Column("cue", sa.String(20), nullable=False),
        sa.Column("cue_page", sa.Integer(), nullable=False),
        sa.Column("cue_pages", sa.Integer(), nullable=False),
        sa.Column("cue_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("page >= 1", name=op.f("ck_kiosk_screen_page_from_one")),
        _foreign_key("kiosk_id", "kiosk"),
        _foreign_key("appointment_id", "appointment"),
        _foreign_key("document_id", "document"),
        sa.PrimaryKeyConstraint("kiosk_id", name=op.f("pk_kiosk_screen")),
    )


def downgrade() -> None:
    """Remove it, and the news of it."""
    op.execute("DELETE FROM live_event WHERE kind = 'screen'")
    op.drop_table("kiosk_screen")


def _foreign_key(column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_kiosk_screen_{column}_{target}")
    )
