# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which telephone a counsellor who signs in answers."""

from alembic import op

revision = "directory_0013"
down_revision = "directory_0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column: until somebody says which, one of the same name is taken.

    As SQL, since SQLite takes a new column's rules in the same statement only.
    """
    op.execute("""ALTER TABLE user_account ADD COLUMN counsellor_id INTEGER
            CONSTRAINT fk_user_account_counsellor_id_counsellor
            REFERENCES counsellor (id)
            CONSTRAINT ck_user_account_telephone_of_counsellor
            CHECK (counsellor_id IS NULL OR role = 'counsellor')
        """)
    op.create_index(
        "ix_user_account_counsellor_id", "user_account", ["counsellor_id"], unique=True
    )


def downgrade() -> None:
    """Remove it: accounts and telephones are found by their names again."""
    op.drop_index("ix_user_account_counsellor_id", "user_account")
    op.execute("ALTER TABLE user_account DROP COLUMN counsellor_id")
