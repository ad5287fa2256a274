# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which organisations interpret, and how."""

from alembic import op

revision = "directory_0012"
down_revision = "directory_0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column: no organisation interprets until somebody says so.

    As SQL, since SQLite takes a new column's check in the same statement only.
    """
    op.execute("""ALTER TABLE organisation ADD COLUMN interprets
            VARCHAR(10) DEFAULT '' NOT NULL
            CONSTRAINT ck_organisation_interprets_known
            CHECK (interprets IN ('', 'sign', 'spoken', 'typed'))
        """)


def downgrade() -> None:
    """Remove it: those that interpreted are offered as any other organisation."""
    op.execute("ALTER TABLE organisation DROP COLUMN interprets")
