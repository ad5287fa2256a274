# SPDX-License-Identifier: AGPL-3.0-or-later
"""Residents, those who wait for a slot, and what an appointment says of both."""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "appointments_0004"
down_revision = "appointments_0003"
branch_labels = None
depends_on = ("directory_0003",)

APPOINTMENT_INDEX = "ix_appointment_resident_id"


def upgrade() -> None:
    """Create the tables, then the appointment's columns that refer to them."""
    _create_resident()
    _create_waiting_entry()
    for column, target in (
        ("resident_id", "resident"),
        ("visit_reason_id", "visit_reason"),
    ):
        op.add_column(
            "appointment",
            sa.Column(
                column,
                sa.Integer(),
                sa.ForeignKey(
                    f"{target}.id",
                    name=f"fk_appointment_{column}_{target}",
                ),
                nullable=True,
            ),
            inline_references=op.get_bind().dialect.name == "sqlite",
        )
    for made in (
        sa.Column("source", sa.String(10), nullable=False, server_default="desk"),
        sa.Column("sequence", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("in_line", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("was_useful", sa.Boolean(), nullable=True),
    ):
        op.add_column("appointment", made)
    op.create_index(APPOINTMENT_INDEX, "appointment", ["resident_id"])


def downgrade() -> None:
    """Remove them; appointments keep the resident's name."""
    op.drop_index(APPOINTMENT_INDEX, "appointment")
    for column in (
        "was_useful",
        "in_line",
        "sequence",
        "source",
        "visit_reason_id",
        "resident_id",
    ):
        op.drop_column("appointment", column)
    op.drop_table("waiting_entry")
    op.drop_table("resident")


def _create_resident() -> None:
    op.create_table(
        "resident",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("relay_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("search_key", sa.String(160), nullable=False),
        sa.Column("telephone", sa.String(20), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "merged_into_id IS NULL OR merged_into_id <> id",
            name=op.f("ck_resident_merged_into_another"),
        ),
        _foreign_key("resident", "relay_id", "relay"),
        _foreign_key("resident", "created_by_id", "user_account"),
        _foreign_key("resident", "merged_into_id", "resident"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resident")),
    )
    _index("resident", "relay_id", "search_key")
    _index("resident", "seen_at")
    _index("resident", "merged_into_id")


def _create_waiting_entry() -> None:
    op.create_table(
        "waiting_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("relay_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("visit_reason_id", sa.Integer(), nullable=True),
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("passed", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'booked', 'withdrawn')",
            name=op.f("ck_waiting_entry_state_known"),
        ),
        _foreign_key("waiting_entry", "relay_id", "relay"),
        _foreign_key("waiting_entry", "organisation_id", "organisation"),
        _foreign_key("waiting_entry", "visit_reason_id", "visit_reason"),
        _foreign_key("waiting_entry", "resident_id", "resident"),
        _foreign_key("waiting_entry", "created_by_id", "user_account"),
        _foreign_key("waiting_entry", "appointment_id", "appointment"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_entry")),
    )
    _index("waiting_entry", "relay_id")
    _index("waiting_entry", "resident_id")
    _index("waiting_entry", "state", "organisation_id")


def _foreign_key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}")
    )


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))
