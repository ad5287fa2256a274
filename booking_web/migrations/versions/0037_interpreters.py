# SPDX-License-Identifier: AGPL-3.0-or-later
"""The interpreter that an appointment is booked with, and how their calls went."""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "appointments_0037"
down_revision = "appointments_0036"
branch_labels = None
depends_on = None

GOING_ON = sa.text("state IN ('asked', 'here')")
# Table, column and what it refers to.
COLUMNS = (
    ("appointment", "interpreter_counter_id", "counter"),
    ("waiting_entry", "interpreter_id", "organisation"),
)


def upgrade() -> None:
    """Add the columns and the table, empty: nobody had an interpreter."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table, column, other in COLUMNS:
        name = f"fk_{table}_{column}_{other}"
        op.add_column(
            table,
            sa.Column(
                column,
                sa.Integer(),
                sa.ForeignKey(f"{other}.id", name=name),
                nullable=True,
            ),
            inline_references=is_sqlite,
        )
        op.create_index(f"ix_{table}_{column}", table, [column])
    op.create_table(
        "interpreter_call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column(
            "reason", sa.String(20), server_default=sa.text("''"), nullable=False
        ),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("placed_at", UtcDateTime(), nullable=True),
        sa.Column("taken_at", UtcDateTime(), nullable=True),
        sa.Column("here_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("end_requested_at", UtcDateTime(), nullable=True),
        sa.Column("interpreter_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "state IN ('asked', 'here', 'left', 'nobody')",
            name=op.f("ck_interpreter_call_state_known"),
        ),
        sa.CheckConstraint(
            "(state IN ('asked', 'here')) = (ended_at IS NULL)",
            name=op.f("ck_interpreter_call_ended_where_over"),
        ),
        *_references("interpreter_call"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interpreter_call")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_interpreter_call_appointment_id"),
        "interpreter_call",
        ["appointment_id"],
    )
    op.create_index(
        "uq_interpreter_call_appointment_going_on",
        "interpreter_call",
        ["appointment_id"],
        unique=True,
        sqlite_where=GOING_ON,
        postgresql_where=GOING_ON,
    )


def downgrade() -> None:
    """Remove all of it: nobody is booked with an interpreter any more."""
    op.drop_table("interpreter_call")
    for table, column, _ in reversed(COLUMNS):
        op.drop_index(f"ix_{table}_{column}", table)
        op.drop_column(table, column)


def _references(table: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(
            [column],
            [f"{other}.id"],
            name=op.f(f"fk_{table}_{column}_{other}"),
        )
        for column, other in (
            ("appointment_id", "appointment"),
            ("organisation_id", "organisation"),
            ("interpreter_id", "counsellor"),
        )
    ]
