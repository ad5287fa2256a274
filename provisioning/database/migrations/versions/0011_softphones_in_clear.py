# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whether a counsellor's softphone may come without TLS and without SRTP."""

import sqlalchemy as sa
from alembic import op

revision = "directory_0011"
down_revision = "directory_0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; the softphones that are there go on as they were set up."""
    op.add_column(
        "counsellor",
        sa.Column("in_clear", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.execute("UPDATE counsellor SET in_clear = softphone")


def downgrade() -> None:
    """Remove it: each softphone may then come in clear."""
    op.drop_column("counsellor", "in_clear")
