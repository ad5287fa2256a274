# SPDX-License-Identifier: AGPL-3.0-or-later
"""Counsellors sign in to the web application: the role `counsellor`, of an organisation."""

import sqlalchemy as sa
from alembic import op

revision = "directory_0002"
down_revision = "directory_0001"
branch_labels = None
depends_on = None

CHECKS_BEFORE = {
    "role_known": "role IN ('secretary', 'manager', 'administrator')",
    "manager_has_organisation": "(role = 'manager') = (organisation_id IS NOT NULL)",
}
CHECKS_AFTER = {
    "role_known": "role IN ('secretary', 'manager', 'counsellor', 'administrator')",
    "organisation_where_needed": (
        "(role IN ('manager', 'counsellor')) = (organisation_id IS NOT NULL)"
    ),
}
CHECK_KEPT = {"secretary_has_relay": "(role = 'secretary') = (relay_id IS NOT NULL)"}


def upgrade() -> None:
    """Let an account be that of a counsellor."""
    _change_checks(CHECKS_BEFORE, CHECKS_AFTER)


def downgrade() -> None:
    """Go back; the accounts of counsellors are removed."""
    op.execute("DELETE FROM user_account WHERE role = 'counsellor'")
    _change_checks(CHECKS_AFTER, CHECKS_BEFORE)


def _change_checks(old: dict[str, str], new: dict[str, str]) -> None:
    if op.get_bind().dialect.name == "sqlite":
        # SQLite cannot change a constraint: the table is written anew, rows and all.
        with op.batch_alter_table(
            "user_account", copy_from=_table(new | CHECK_KEPT), recreate="always"
        ):
            return
    for name in old:
        op.drop_constraint(op.f(f"ck_user_account_{name}"), "user_account")
    for name, rule in new.items():
        op.create_check_constraint(
            op.f(f"ck_user_account_{name}"), "user_account", rule
        )


def _table(checks: dict[str, str]) -> sa.Table:
    return sa.Table(
        "user_account",
        sa.MetaData(),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("password", sa.String(255), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.String(64), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("relay_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        *(
            sa.CheckConstraint(rule, name=f"ck_user_account_{name}")
            for name, rule in checks.items()
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
        sa.UniqueConstraint("fs_uniquifier", name="uq_user_account_fs_uniquifier"),
    )
