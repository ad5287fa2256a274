# SPDX-License-Identifier: AGPL-3.0-or-later
"""Second factors, their recovery codes, sign-ins half way; from where a sign-in came."""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "appointments_0049"
down_revision = "appointments_0051"
branch_labels = None
depends_on = None

FLAGS = ("at_usual_place", "owes_second_factor")
_PURPOSES = "purpose IN ('invitation', 'forgotten')"
_KINDS = "purpose IN ('invitation', 'forgotten', 'factor_reset')"
_KNOWN = "ck_password_mail_purpose_known"


def upgrade() -> None:
    """Create the tables, empty: nobody has a second factor."""
    op.create_table(
        "second_factor",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("sealed_secret", sa.String(255), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("set_up_at", UtcDateTime(), nullable=False),
        _owner("second_factor"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_second_factor")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code_hash", sa.String(255), nullable=False),
        _owner("recovery_code"),
        sa.PrimaryKeyConstraint("user_id", "number", name=op.f("pk_recovery_code")),
    )
    op.create_table(
        "half_sign_in",
        sa.Column("key_digest", sa.String(64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("basis", sa.String(64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        _owner("half_sign_in"),
        sa.PrimaryKeyConstraint("key_digest", name=op.f("pk_half_sign_in")),
    )
    for column in ("user_id", "created_at"):
        op.create_index(op.f(f"ix_half_sign_in_{column}"), "half_sign_in", [column])
    op.add_column("web_session", sa.Column("place_digest", sa.String(64)))
    for name in FLAGS:
        flag: sa.Column[bool] = sa.Column(
            name, sa.Boolean(), server_default=sa.false(), nullable=False
        )
        op.add_column("web_session", flag)
    _know(_KINDS)


def downgrade() -> None:
    """Remove them: the password alone signs in."""
    op.execute("DELETE FROM password_mail WHERE purpose = 'factor_reset'")
    _know(_PURPOSES)
    for name in (*FLAGS, "place_digest"):
        op.drop_column("web_session", name)
    for table in ("half_sign_in", "recovery_code", "second_factor"):
        op.drop_table(table)


def _owner(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["user_id"],
        ["user_account.id"],
        name=op.f(f"fk_{table}_user_id_user_account"),
        ondelete="CASCADE",
    )


def _know(kinds: str) -> None:
    with op.batch_alter_table("password_mail") as table:
        table.drop_constraint(op.f(_KNOWN), type_="check")
        table.create_check_constraint(op.f(_KNOWN), kinds)
