# SPDX-License-Identifier: AGPL-3.0-or-later
"""Forms that pages sent by their script, so that none is taken twice."""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "appointments_0017"
down_revision = "appointments_0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "sent_form",
        sa.Column("number", sa.String(64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("leads_to", sa.String(500), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_sent_form_user_id_user_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_sent_form")),
    )
    for column in ("user_id", "at"):
        op.create_index(op.f(f"ix_sent_form_{column}"), "sent_form", [column])


def downgrade() -> None:
    """Remove the table."""
    op.drop_table("sent_form")
