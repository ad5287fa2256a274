# SPDX-License-Identifier: AGPL-3.0-or-later
"""Opening hours, closures and the rules by which slots are offered."""

import sqlalchemy as sa
from alembic import op

revision = "appointments_0005"
down_revision = "appointments_0004"
branch_labels = None
depends_on = None

# The statements are those of this version and stay as they are, whatever `tables.held_days`
# becomes.
WORDS = ("h00", "h04", "h08", "h12", "h16", "h20")
# Slots of five minutes in a word: four hours.
WORD_SLOTS = 48
_SLOT_SECONDS = 300
OWNERS = ("kiosk", "counter")
_EMPTY = " AND ".join(f"{word} = 0" for word in WORDS)
APPOINTMENT_INDEX = "ix_appointment_organisation_id_starts_at_state"


def upgrade() -> None:
    """Create the tables, those referred to first, and the days of slots held already."""
    _create_opening()
    _create_closure()
    _create_rules()
    dialect = op.get_bind().dialect.name
    for owner in OWNERS:
        _create_held_day(owner)
    for statement in _filling_statements(dialect) + _trigger_statements(dialect):
        op.execute(sa.text(statement))
    op.create_index(
        APPOINTMENT_INDEX, "appointment", ["organisation_id", "starts_at", "state"]
    )


def downgrade() -> None:
    """Remove them."""
    op.drop_index(APPOINTMENT_INDEX, "appointment")
    for statement in _removing_statements(op.get_bind().dialect.name):
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


def _trigger_statements(dialect: str) -> list[str]:
    each = _on_sqlite if dialect == "sqlite" else _on_postgresql
    return [statement for owner in OWNERS for statement in each(owner)]


def _removing_statements(dialect: str) -> list[str]:
    statements = []
    for owner in OWNERS:
        on = "" if dialect == "sqlite" else f" ON {owner}_slot"
        for act in ("held", "freed", "unchanged"):
            statements.append(f"DROP TRIGGER {owner}_slot_{act}{on}")
            if dialect != "sqlite":
                statements.append(f"DROP FUNCTION {owner}_slot_is_{act}()")
    return statements


def _filling_statements(dialect: str) -> list[str]:
    return [
        f"INSERT INTO {owner}_day ({owner}_id, day, {', '.join(WORDS)}) "
        + _grouped(owner, f"{owner}_slot", dialect)
        for owner in OWNERS
    ]


def _seconds(column: str, dialect: str) -> str:
    if dialect == "sqlite":
        return f"CAST(strftime('%s', {column}) AS INTEGER)"
    return f"extract(epoch FROM {column})::bigint"


def _day(column: str, dialect: str) -> str:
    return f"({_seconds(column, dialect)} / 86400)"


def _bit(column: str, word: int, dialect: str) -> str:
    slot = f"({_seconds(column, dialect)} % 86400 / {_SLOT_SECONDS})"
    one = "1" if dialect == "sqlite" else "1::bigint"
    shift = f"{slot} % {WORD_SLOTS}"
    if dialect != "sqlite":
        shift = f"({shift})::int"
    return f"CASE WHEN {slot} / {WORD_SLOTS} = {word} THEN {one} << {shift} ELSE 0 END"


def _grouped(owner: str, source: str, dialect: str) -> str:
    # Slots of one owner are all different, so their bits add up.
    join = "SUM" if dialect == "sqlite" else "bit_or"
    words = ", ".join(
        f"{join}({_bit('starts_at', word, dialect)}) AS {name}"
        for word, name in enumerate(WORDS)
    )
    return (
        f"SELECT {owner}_id, {_day('starts_at', dialect)} AS day, {words} FROM {source} "
        f"GROUP BY {owner}_id, {_day('starts_at', dialect)}"
    )


def _on_sqlite(owner: str) -> list[str]:
    slot, day = f"{owner}_slot", f"{owner}_day"
    bits = [_bit("NEW.starts_at", word, "sqlite") for word in range(len(WORDS))]
    freed = [_bit("OLD.starts_at", word, "sqlite") for word in range(len(WORDS))]
    this_day = (
        f"{owner}_id = OLD.{owner}_id AND day = {_day('OLD.starts_at', 'sqlite')}"
    )
    return [
        f"CREATE TRIGGER {slot}_held AFTER INSERT ON {slot} BEGIN "
        f"INSERT INTO {day} ({owner}_id, day, {', '.join(WORDS)}) VALUES "
        f"(NEW.{owner}_id, {_day('NEW.starts_at', 'sqlite')}, {', '.join(bits)}) "
        f"ON CONFLICT ({owner}_id, day) DO UPDATE SET "
        + ", ".join(f"{word} = {word} | excluded.{word}" for word in WORDS)
        + "; END",
        f"CREATE TRIGGER {slot}_freed AFTER DELETE ON {slot} BEGIN "
        f"UPDATE {day} SET "
        + ", ".join(f"{word} = {word} & ~({bit})" for word, bit in zip(WORDS, freed))
        + f" WHERE {this_day}; DELETE FROM {day} WHERE {this_day} AND {_EMPTY}; END",
        f"CREATE TRIGGER {slot}_unchanged BEFORE UPDATE OF {owner}_id, starts_at "
        f"ON {slot} BEGIN SELECT RAISE(ABORT, 'a slot is freed and held, not moved'); "
        "END",
    ]


def _on_postgresql(owner: str) -> list[str]:
    slot, day = f"{owner}_slot", f"{owner}_day"
    # In the order of the key: two transactions never wait for each other in a ring.
    held = (
        f"INSERT INTO {day} AS d ({owner}_id, day, {', '.join(WORDS)}) "
        + _grouped(owner, "changed", "postgresql")
        + f" ORDER BY 1, 2 ON CONFLICT ({owner}_id, day) DO UPDATE SET "
        + ", ".join(f"{word} = d.{word} | excluded.{word}" for word in WORDS)
    )
    freed = (
        f"UPDATE {day} AS d SET "
        + ", ".join(f"{word} = d.{word} & ~g.{word}" for word in WORDS)
        + f" FROM ({_grouped(owner, 'changed', 'postgresql')}) AS g "
        f"WHERE d.{owner}_id = g.{owner}_id AND d.day = g.day; "
        f"DELETE FROM {day} AS d USING (SELECT DISTINCT {owner}_id, "
        f"{_day('starts_at', 'postgresql')} AS day FROM changed) AS g "
        f"WHERE d.{owner}_id = g.{owner}_id AND d.day = g.day AND {_EMPTY}"
    )
    refused = "RAISE EXCEPTION 'a slot is freed and held, not moved'"
    return [
        _function(f"{slot}_is_held", f"{held}; RETURN NULL"),
        f"CREATE TRIGGER {slot}_held AFTER INSERT ON {slot} "
        "REFERENCING NEW TABLE AS changed "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {slot}_is_held()",
        _function(f"{slot}_is_freed", f"{freed}; RETURN NULL"),
        f"CREATE TRIGGER {slot}_freed AFTER DELETE ON {slot} "
        "REFERENCING OLD TABLE AS changed "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {slot}_is_freed()",
        _function(f"{slot}_is_unchanged", refused),
        f"CREATE TRIGGER {slot}_unchanged BEFORE UPDATE OF {owner}_id, starts_at "
        f"ON {slot} FOR EACH STATEMENT EXECUTE FUNCTION {slot}_is_unchanged()",
    ]


def _function(name: str, body: str) -> str:
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {body}; END $$"
    )
