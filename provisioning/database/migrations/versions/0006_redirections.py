# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who is called cannot send the call to somebody else."""

from alembic import op

revision = "directory_0006"
down_revision = "directory_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, with the one value that every endpoint has."""
    op.execute(
        "ALTER TABLE ps_endpoints ADD COLUMN redirect_method"
        " VARCHAR(20) DEFAULT 'uri_pjsip' NOT NULL"
    )


def downgrade() -> None:
    """Remove it: endpoints have Asterisk's default again."""
    op.execute("ALTER TABLE ps_endpoints DROP COLUMN redirect_method")
