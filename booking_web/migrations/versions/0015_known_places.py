# SPDX-License-Identifier: AGPL-3.0-or-later
"""From where a person usually signs in."""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "appointments_0015"
down_revision = "appointments_0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; the first sign-in from each place fills it."""
    op.create_table(
        "known_place",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("place_digest", sa.String(64), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_known_place_user_id_user_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", "place_digest", name=op.f("pk_known_place")),
    )


def downgrade() -> None:
    """Remove it."""
    op.drop_table("known_place")
