# SPDX-License-Identifier: AGPL-3.0-or-later
"""Supervisors and data protection officers sign in: two roles of the whole site."""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "directory_0016"
down_revision = "directory_0015"
branch_labels = None
depends_on = None

BEFORE = "role IN ('secretary', 'manager', 'counsellor', 'administrator')"
AFTER = (
    "role IN ('secretary', 'manager', 'counsellor', 'supervisor', 'officer',"
    " 'administrator')"
)


def upgrade() -> None:
    """Let an account be that of a supervisor or of an officer."""
    _change_roles(AFTER)


def downgrade() -> None:
    """Go back; the accounts of both are removed."""
    op.execute("DELETE FROM user_account WHERE role IN ('supervisor', 'officer')")
    _change_roles(BEFORE)


def _change_roles(rule: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        _write_anew(rule)
        return
    op.drop_constraint(op.f("ck_user_account_role_known"), "user_account")
    op.create_check_constraint(op.f("ck_user_account_role_known"), "user_account", rule)


def _write_anew(rule: str) -> None:
    """Write the table anew, rows and all: SQLite cannot change a constraint.

    The telephones are added as directory_0013 does: SQLite drops no column that a rule of
    the whole table names, and on the way back that revision drops this one.
    """
    op.execute(
        "CREATE TEMPORARY TABLE telephone AS SELECT id, counsellor_id"
        " FROM user_account WHERE counsellor_id IS NOT NULL"
    )
    with op.batch_alter_table(
        "user_account", copy_from=_table(rule), recreate="always"
    ):
        pass
    op.execute("""ALTER TABLE user_account ADD COLUMN counsellor_id INTEGER
            CONSTRAINT fk_user_account_counsellor_id_counsellor
            REFERENCES counsellor (id)
            CONSTRAINT ck_user_account_telephone_of_counsellor
            CHECK (counsellor_id IS NULL OR role = 'counsellor')
        """)
    op.execute(
        "UPDATE user_account SET counsellor_id = telephone.counsellor_id"
        " FROM telephone WHERE telephone.id = user_account.id"
    )
    op.execute("DROP TABLE telephone")
    op.create_index(
        "ix_user_account_counsellor_id", "user_account", ["counsellor_id"], unique=True
    )


def _table(roles: str) -> sa.Table:
    """Give the table without the telephones."""
    checks = {
        "role_known": roles,
        "secretary_has_relay": "(role = 'secretary') = (relay_id IS NOT NULL)",
        "organisation_where_needed": (
            "(role IN ('manager', 'counsellor')) = (organisation_id IS NOT NULL)"
        ),
    }
    places = ("relay", "organisation")
    return sa.Table(
        "user_account",
        sa.MetaData(),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("password", sa.String(255), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("session_key", sa.String(64), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("relay_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("last_signed_in_at", UtcDateTime(), nullable=True),
        *(
            sa.CheckConstraint(rule, name=f"ck_user_account_{name}")
            for name, rule in checks.items()
        ),
        *(
            sa.ForeignKeyConstraint(
                [f"{place}_id"],
                [f"{place}.id"],
                name=f"fk_user_account_{place}_id_{place}",
            )
            for place in places
        ),
        sa.PrimaryKeyConstraint("id", name="pk_user_account"),
        sa.UniqueConstraint("email", name="uq_user_account_email"),
        sa.UniqueConstraint("session_key", name="uq_user_account_session_key"),
    )
