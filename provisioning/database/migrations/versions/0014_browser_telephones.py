# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whether a counsellor telephones in a page of the site."""

from alembic import op

revision = "directory_0014"
down_revision = "directory_0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column: everybody keeps the telephone they have.

    As SQL, since SQLite takes a new column's rules in the same statement only.
    """
    no = "0" if op.get_context().dialect.name == "sqlite" else "false"
    op.execute(f"""ALTER TABLE counsellor ADD COLUMN browser BOOLEAN
            DEFAULT {no} NOT NULL
            CONSTRAINT ck_counsellor_one_telephone
            CHECK (NOT (browser AND (softphone OR in_clear)))
        """)


def downgrade() -> None:
    """Remove it: who has none but a page has our own program, once given a secret."""
    op.execute("ALTER TABLE counsellor DROP COLUMN browser")
