# SPDX-License-Identifier: AGPL-3.0-or-later
"""What came of an appointment, what follows it, and the missed calls that were settled."""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "appointments_0039"
down_revision = "appointments_0038"
branch_labels = None
depends_on = None

TABLES = ("conclusion", "follow_up", "settled_call")


def upgrade() -> None:
    """Add the tables, empty: nothing was noted."""
    op.create_table(
        "conclusion",
        sa.Column("appointment_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("note", sa.String(1000), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("noted_at", UtcDateTime(), nullable=False),
        sa.Column("noted_by", sa.String(80), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('resolved', 'papers_missing', 'to_be_continued', "
            "'redirected', 'other')",
            name=op.f("ck_conclusion_outcome_known"),
        ),
        _reference("conclusion", "appointment_id"),
        sa.PrimaryKeyConstraint("appointment_id", name=op.f("pk_conclusion")),
    )
    op.create_table(
        "follow_up",
        sa.Column("appointment_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("next_id", sa.Integer(), nullable=False),
        _reference("follow_up", "appointment_id"),
        _reference("follow_up", "next_id"),
        sa.PrimaryKeyConstraint("appointment_id", name=op.f("pk_follow_up")),
        sa.UniqueConstraint("next_id", name=op.f("uq_follow_up_next_id")),
    )
    op.create_table(
        "settled_call",
        sa.Column("appointment_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("missed_at", UtcDateTime(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=False),
        sa.Column("settled_by", sa.String(80), nullable=False),
        _reference("settled_call", "appointment_id"),
        sa.PrimaryKeyConstraint("appointment_id", name=op.f("pk_settled_call")),
    )


def downgrade() -> None:
    """Remove all of it."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _reference(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column],
        ["appointment.id"],
        name=op.f(f"fk_{table}_{column}_appointment"),
    )
