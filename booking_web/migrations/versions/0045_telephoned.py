# SPDX-License-Identifier: AGPL-3.0-or-later
"""Third persons who are telephoned to."""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "appointments_0045"
down_revision = "appointments_0041"
branch_labels = None
depends_on = None

NOTHING = sa.text("''")


def upgrade() -> None:
    """Add the columns, empty: whoever was invited came by a link."""
    for name, length in (("telephone", 16), ("last_digits", 2)):
        op.add_column(
            "guest",
            sa.Column(name, sa.String(length), server_default=NOTHING, nullable=False),
        )
    op.add_column("guest", sa.Column("rings_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    """Remove them: who was telephoned to stays as one who was invited."""
    for name in ("rings_at", "last_digits", "telephone"):
        op.drop_column("guest", name)
