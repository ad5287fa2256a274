# SPDX-License-Identifier: AGPL-3.0-or-later
"""The SQL that keeps kiosk_day and counter_day in step with the slots that are held.

A search over weeks would read half a million slots; it reads one row per kiosk or counter
and day instead. The database writes them itself, in the transaction that holds or frees a
slot, so that no way of booking can forget it. Double booking is prevented by the slots'
primary keys alone.
"""

WORDS = ("h00", "h04", "h08", "h12", "h16", "h20")
# Slots of five minutes in a word: four hours.
WORD_SLOTS = 48
_SLOT_SECONDS = 300
OWNERS = ("kiosk", "counter")
_EMPTY = " AND ".join(f"{word} = 0" for word in WORDS)


def trigger_statements(dialect: str) -> list[str]:
    """Give the statements that make the triggers of `sqlite` or `postgresql`."""
    each = _on_sqlite if dialect == "sqlite" else _on_postgresql
    return [statement for owner in OWNERS for statement in each(owner)]


def removing_statements(dialect: str) -> list[str]:
    """Give the statements that remove the triggers again."""
    statements = []
    for owner in OWNERS:
        on = "" if dialect == "sqlite" else f" ON {owner}_slot"
        for act in ("held", "freed", "unchanged"):
            statements.append(f"DROP TRIGGER {owner}_slot_{act}{on}")
            if dialect != "sqlite":
                statements.append(f"DROP FUNCTION {owner}_slot_is_{act}()")
    return statements


def filling_statements(dialect: str) -> list[str]:
    """Give the statements that write the days of slots which are held already."""
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
    """Give the slot's bit where it lies in this word of the day, else 0."""
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
