# SPDX-License-Identifier: AGPL-3.0-or-later
"""For whose page the secret of a counsellor's telephone was made."""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "appointments_0038"
down_revision = "appointments_0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; each page that is opened fills its row."""
    op.create_table(
        "browser_telephone",
        sa.Column("slug", sa.String(60), nullable=False),
        sa.Column("session_digest", sa.String(64), nullable=True),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("ending_asked_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_browser_telephone")),
    )


def downgrade() -> None:
    """Remove it: a secret that a page has is good until the next one."""
    op.drop_table("browser_telephone")
