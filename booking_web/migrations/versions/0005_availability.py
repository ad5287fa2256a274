# SPDX-License-Identifier: AGPL-3.0-or-later
"""Opening hours, closures and the rules by which slots are offered."""

import sqlalchemy as sa
from alembic import op

from booking_web.availability.held_days import (
    OWNERS,
    WORDS,
    filling_statements,
    removing_statements,
    trigger_statements,
)

revision = "appointments_0005"
down_revision = "appointments_0004"
branch_labels = None
depends_on = None

APPOINTMENT_INDEX = "ix_appointment_organisation_id_starts_at_state"


def upgrade() -> None:
    """Create the tables, those referred to first, and the days of slots held already."""
    _create_opening()
    _create_closure()
    _create_rules()
    dialect = op.get_bind().dialect.name
    for owner in OWNERS:
        _create_held_day(owner)
    for statement in filling_statements(dialect) + trigger_statements(dialect):
        op.execute(sa.text(statement))
    op.create_index(
        APPOINTMENT_INDEX, "appointment", ["organisation_id", "starts_at", "state"]
    )


def downgrade() -> None:
    """Remove them."""
    op.drop_index(APPOINTMENT_INDEX, "appointment")
    for statement in removing_statements(op.get_bind().dialect.name):
        op.execute(statement)
    for table in (
        *(f"{owner}_day" for owner in OWNERS),
        "relay_rules",
        "booking_rules",
        "closure",
        "opening",
    ):
        op.drop_table(table)


def _create_opening() -> None:
    op.create_table(
        "opening",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("counter_id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("weekdays", sa.Integer(), nullable=False),
        sa.Column("every_weeks", sa.Integer(), nullable=False),
        sa.Column("opens_minute", sa.Integer(), nullable=False),
        sa.Column("closes_minute", sa.Integer(), nullable=False),
        sa.Column("relay_id", sa.Integer(), nullable=True),
        _check(
            "opening",
            "opens_on_the_grid",
            "opens_minute BETWEEN 0 AND 1435 AND opens_minute % 5 = 0",
        ),
        _check(
            "opening",
            "closes_after_it_opens",
            "closes_minute > opens_minute AND closes_minute <= opens_minute + 1440"
            " AND closes_minute % 5 = 0",
        ),
        _check("opening", "weekdays_known", "weekdays BETWEEN 1 AND 127"),
        _check("opening", "every_weeks_range", "every_weeks BETWEEN 1 AND 52"),
        _check(
            "opening",
            "last_day_after_first",
            "last_day IS NULL OR last_day >= first_day",
        ),
        _foreign_key("opening", "counter_id", "counter"),
        _foreign_key("opening", "relay_id", "relay"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening")),
    )
    op.create_index(op.f("ix_opening_counter_id"), "opening", ["counter_id"])


def _create_closure() -> None:
    op.create_table(
        "closure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("counter_id", sa.Integer(), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("from_minute", sa.Integer(), nullable=True),
        sa.Column("until_minute", sa.Integer(), nullable=True),
        sa.Column("label", sa.String(80), nullable=False),
        _check("closure", "last_day_after_first", "last_day >= first_day"),
        _check(
            "closure",
            "both_hours_or_none",
            "(from_minute IS NULL) = (until_minute IS NULL)",
        ),
        _check(
            "closure",
            "until_after_from",
            "from_minute >= 0 AND until_minute > from_minute AND until_minute <= 1440",
        ),
        _foreign_key("closure", "organisation_id", "organisation"),
        _foreign_key("closure", "counter_id", "counter"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closure")),
    )
    op.create_index(op.f("ix_closure_organisation_id"), "closure", ["organisation_id"])


def _create_rules() -> None:
    op.create_table(
        "booking_rules",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("step_minutes", sa.Integer(), nullable=True),
        sa.Column("lead_minutes", sa.Integer(), nullable=False),
        sa.Column("horizon_days", sa.Integer(), nullable=False),
        sa.Column("max_per_day", sa.Integer(), nullable=True),
        sa.Column(
            "open_on_holidays", sa.Boolean(), nullable=False, server_default=sa.false()
        ),
        sa.Column("holiday_region", sa.String(5), nullable=False, server_default=""),
        _check("booking_rules", "step_minutes_range", "step_minutes BETWEEN 5 AND 480"),
        _check(
            "booking_rules", "lead_minutes_range", "lead_minutes BETWEEN 0 AND 43200"
        ),
        _check("booking_rules", "horizon_days_range", "horizon_days BETWEEN 1 AND 366"),
        _check("booking_rules", "max_per_day_positive", "max_per_day >= 1"),
        _foreign_key("booking_rules", "organisation_id", "organisation"),
        sa.PrimaryKeyConstraint("organisation_id", name=op.f("pk_booking_rules")),
    )
    op.create_table(
        "relay_rules",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("relay_id", sa.Integer(), nullable=False),
        sa.Column("is_served", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("max_per_day", sa.Integer(), nullable=True),
        _check("relay_rules", "max_per_day_positive", "max_per_day >= 1"),
        _foreign_key("relay_rules", "organisation_id", "organisation"),
        _foreign_key("relay_rules", "relay_id", "relay"),
        sa.PrimaryKeyConstraint(
            "organisation_id", "relay_id", name=op.f("pk_relay_rules")
        ),
    )


def _create_held_day(owner: str) -> None:
    op.create_table(
        f"{owner}_day",
        sa.Column(f"{owner}_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        *(sa.Column(word, sa.BigInteger(), nullable=False) for word in WORDS),
        sa.PrimaryKeyConstraint(f"{owner}_id", "day", name=op.f(f"pk_{owner}_day")),
        sqlite_with_rowid=False,
    )


def _check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def _foreign_key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column],
        [f"{target}.id"],
        name=op.f(f"fk_{table}_{column}_{target}"),
        ondelete="CASCADE",
    )
