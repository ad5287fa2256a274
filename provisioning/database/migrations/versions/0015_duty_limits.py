# SPDX-License-Identifier: AGPL-3.0-or-later
"""How long a counsellor writes after a call, and after how many missed rings one is paused."""

from alembic import op

revision = "directory_0015"
down_revision = "directory_0014"
branch_labels = None
depends_on = None

# Column, what it is until somebody says otherwise, and the most that it may be.
LIMITS = (("wrap_up_seconds", 120, 3600), ("missed_rings_allowed", 3, 100))


def upgrade() -> None:
    """Add both with what is usual.

    As SQL, since SQLite takes a new column's check in the same statement only.
    """
    for column, usual, most in LIMITS:
        op.execute(f"""ALTER TABLE organisation ADD COLUMN {column}
                INTEGER DEFAULT {usual} NOT NULL
                CONSTRAINT ck_organisation_{column}_range
                CHECK ({column} BETWEEN 0 AND {most})
            """)


def downgrade() -> None:
    """Remove both: nobody is paused by itself."""
    for column, _, _ in LIMITS:
        op.execute(f"ALTER TABLE organisation DROP COLUMN {column}")
