# SPDX-License-Identifier: AGPL-3.0-or-later
"""What every sign-in rests on is called by our own word, not by a library's that is gone."""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "directory_0007"
down_revision = "directory_0006"
branch_labels = None
depends_on = None

LIBRARYS = "fs_uniquifier"
OURS = "session_key"


def upgrade() -> None:
    """Rename the column and its constraint; everybody stays signed in."""
    _rename(LIBRARYS, OURS)


def downgrade() -> None:
    """Give both their former names."""
    _rename(OURS, LIBRARYS)


def _rename(old: str, new: str) -> None:
    op.execute(f"ALTER TABLE user_account RENAME COLUMN {old} TO {new}")
    if op.get_bind().dialect.name == "sqlite":
        # SQLite cannot rename a constraint: the table is written anew, rows and all.
        with op.batch_alter_table(
            "user_account", copy_from=_table(new), recreate="always"
        ):
            return
    op.execute(
        f"ALTER TABLE user_account RENAME CONSTRAINT uq_user_account_{old}"
        f" TO uq_user_account_{new}"
    )


def _table(key: str) -> sa.Table:
    return sa.Table(
        "user_account",
        sa.MetaData(),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("password", sa.String(255), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column(key, sa.String(64), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("relay_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("last_signed_in_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "role IN ('secretary', 'manager', 'counsellor', 'administrator')",
            name="ck_user_account_role_known",
        ),
        sa.CheckConstraint(
            "(role = 'secretary') = (relay_id IS NOT NULL)",
            name="ck_user_account_secretary_has_relay",
        ),
        sa.CheckConstraint(
            "(role IN ('manager', 'counsellor')) = (organisation_id IS NOT NULL)",
            name="ck_user_account_organisation_where_needed",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name="fk_user_account_organisation_id_organisation",
        ),
        sa.ForeignKeyConstraint(
            ["relay_id"], ["relay.id"], name="fk_user_account_relay_id_relay"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_user_account"),
        sa.UniqueConstraint("email", name="uq_user_account_email"),
        sa.UniqueConstraint(key, name=f"uq_user_account_{key}"),
    )
