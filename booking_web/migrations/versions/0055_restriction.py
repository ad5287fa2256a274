# SPDX-License-Identifier: AGPL-3.0-or-later
"""Residents whose data are kept, and with which nobody works."""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "appointments_0055"
down_revision = "appointments_0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table, empty: nobody is restricted."""
    op.create_table(
        "restriction",
        sa.Column("resident_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("ground", sa.String(20), nullable=False),
        sa.Column("ends_when", sa.String(200), nullable=False),
        sa.Column("noted_at", UtcDateTime(), nullable=False),
        sa.Column("noted_by", sa.String(80), nullable=False),
        sa.CheckConstraint(
            "ground IN ('accuracy', 'unlawful', 'legal_claim', 'objection')",
            name=op.f("ck_restriction_ground_known"),
        ),
        sa.ForeignKeyConstraint(
            ["resident_id"],
            ["resident.id"],
            name=op.f("fk_restriction_resident_id_resident"),
        ),
        sa.PrimaryKeyConstraint("resident_id", name=op.f("pk_restriction")),
    )


def downgrade() -> None:
    """Remove it; whoever was restricted is worked with again."""
    op.drop_table("restriction")
