# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who changed what on the administrator's pages; append-only, as the journal."""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "appointments_0012"
down_revision = "appointments_0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table, and the triggers that keep it from being changed."""
    op.create_table(
        "directory_act",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission", sa.String(64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(80), nullable=False),
        sa.Column("act", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("key", sa.String(254), nullable=False),
        sa.Column("detail", sa.String(400), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_act")),
        sa.UniqueConstraint("submission", name=op.f("uq_directory_act_submission")),
    )
    op.create_index("ix_directory_act_kind_key", "directory_act", ["kind", "key"])
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER directory_act_refuses_{act.lower()} BEFORE {act} "
                "ON directory_act "
                "BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"
            )
    else:
        op.execute(
            "CREATE TRIGGER directory_act_refuses_changes "
            "BEFORE UPDATE OR DELETE OR TRUNCATE ON directory_act "
            "FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only()"
        )


def downgrade() -> None:
    """Remove the table; its triggers go with it."""
    op.drop_table("directory_act")
