# SPDX-License-Identifier: AGPL-3.0-or-later
"""Copies every row of an SQLite database into a PostgreSQL one with the same schema.

One transaction: all rows are there and compared, or none. Nobody may write meanwhile. Values
go over as the text that both databases read and write alike; only instants have their offset
added (SQLite has them in UTC).
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import URL, MetaData, Table, create_engine

from provisioning.server.backup.errors import BackupError
from provisioning.server.backup.postgresql_copy import connected
from provisioning.server.backup.sqlite_copy import check_whole

REVISIONS = "alembic_version"
_INSTANT = "timestamp with time zone"
_TYPES = """
    SELECT column_name, data_type FROM information_schema.columns
    WHERE table_schema = current_schema() AND table_name = %s
"""
Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True)
class _Shape:
    """A table: its columns with PostgreSQL's names of their types, and what refers to itself."""

    name: str
    columns: dict[str, str]
    to_itself: tuple[tuple[str, str], ...]


def move_tables(file: Path, url: URL) -> dict[str, int]:
    """Copy all rows and compare them; give how many each table has. Raises BackupError."""
    check_whole(file)
    uri = f"{file.resolve().as_uri()}?mode=ro"
    try:
        with (
            closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as source,
            connected(url) as target,
            target.transaction(),
        ):
            source.execute("BEGIN")
            shapes = _shapes(target, source, _tables_in_order(file))
            _same_revisions(source, target)
            _empty(target, shapes)
            for shape in shapes:
                _copy(source, target, shape)
            for shape in shapes:
                _refer_to_itself(source, target, shape)
            counts = {shape.name: _compare(source, target, shape) for shape in shapes}
            _go_on_counting(source, target, shapes)
            return counts
    except (sqlite3.Error, psycopg.Error) as error:
        raise BackupError(f"the tables were not moved: {error}") from error


def is_empty(url: URL) -> bool:
    """Tell whether a PostgreSQL database has no table yet."""
    with connected(url) as target:
        query = "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()"
        [[count]] = target.execute(query).fetchall()
    return int(count) == 0


def _tables_in_order(file: Path) -> list[Table]:
    """Give the tables, each after those that it refers to."""
    engine = create_engine(f"sqlite:///{file}")
    try:
        metadata = MetaData()
        metadata.reflect(engine)
        return [each for each in metadata.sorted_tables if each.name != REVISIONS]
    finally:
        engine.dispose()


def _shapes(
    target: Connection, source: sqlite3.Connection, tables: Sequence[Table]
) -> list[_Shape]:
    shapes = []
    for table in tables:
        types: dict[str, str] = dict(target.execute(_TYPES, [table.name]).fetchall())
        columns = [column.name for column in table.columns]
        if lacking := sorted(set(columns) ^ types.keys()):
            raise BackupError(f"the table {table.name} differs in {', '.join(lacking)}")
        [key] = [column.name for column in table.primary_key][:1] or [columns[0]]
        to_itself = tuple(
            (key, each.parent.name)
            for each in table.foreign_keys
            if each.column.table is table
        )
        shapes.append(
            _Shape(table.name, {each: types[each] for each in columns}, to_itself)
        )
    return shapes


def _same_revisions(source: sqlite3.Connection, target: Connection) -> None:
    query = f"SELECT version_num FROM {REVISIONS} ORDER BY version_num"
    if source.execute(query).fetchall() != target.execute(query.encode()).fetchall():
        raise BackupError("the two databases are not of the same version")


def _empty(target: Connection, shapes: Sequence[_Shape]) -> None:
    # What migrations put there comes over with the rest. The journal, which is empty,
    # refuses even to be emptied.
    for shape in reversed(shapes):
        name = sql.Identifier(shape.name)
        if target.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(name)).fetchall():
            target.execute(sql.SQL("DELETE FROM {}").format(name))


def _copy(source: sqlite3.Connection, target: Connection, shape: _Shape) -> None:
    later = {column for _, column in shape.to_itself}
    columns = sql.SQL(", ").join(map(sql.Identifier, shape.columns))
    order = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(shape.name), columns
    )
    with target.cursor().copy(order) as copy:
        for row in _rows(source, shape):
            copy.write_row(
                [
                    None if name in later else _told(value, kind)
                    for (name, kind), value in zip(
                        shape.columns.items(), row, strict=True
                    )
                ]
            )


def _refer_to_itself(
    source: sqlite3.Connection, target: Connection, shape: _Shape
) -> None:
    """Set what refers to rows of the same table, all of which are there by now."""
    for key, column in shape.to_itself:
        query = f'SELECT "{column}", "{key}" FROM "{shape.name}"'
        referring = source.execute(f'{query} WHERE "{column}" IS NOT NULL').fetchall()
        order = sql.SQL("UPDATE {} SET {} = %s WHERE {} = %s").format(
            sql.Identifier(shape.name), sql.Identifier(column), sql.Identifier(key)
        )
        target.cursor().executemany(order, referring)


def _compare(source: sqlite3.Connection, target: Connection, shape: _Shape) -> int:
    """Count the rows; raises BackupError where one differs."""
    columns = sql.SQL(", ").join(map(sql.Identifier, shape.columns))
    query = sql.SQL("SELECT {} FROM {}").format(columns, sql.Identifier(shape.name))
    with target.cursor(name="compare") as cursor:
        cursor.execute(query)
        theirs = _sum_of(iter(cursor), shape)
    ours = _sum_of(_rows(source, shape), shape)
    if ours != theirs:
        raise BackupError(
            f"the table {shape.name} is not the same after it was copied"
            f" ({ours[0]} rows, then {theirs[0]})"
        )
    return ours[0]


def _sum_of(rows: Iterator[Sequence[Any]], shape: _Shape) -> tuple[int, int]:
    """Give how many rows there are, and a sum that does not depend on their order."""
    count = total = 0
    kinds = list(shape.columns.values())
    for row in rows:
        plain = [_plain(value, kind) for value, kind in zip(row, kinds, strict=True)]
        digest = hashlib.sha256(json.dumps(plain).encode()).digest()
        total = (total + int.from_bytes(digest, "big")) % (1 << 256)
        count += 1
    return count, total


def _go_on_counting(
    source: sqlite3.Connection, target: Connection, shapes: Sequence[_Shape]
) -> None:
    """Have the next row of each table get a number that none had."""
    known = dict(source.execute("SELECT name, seq FROM sqlite_sequence").fetchall())
    for shape in shapes:
        if "id" not in shape.columns:
            continue
        query = "SELECT pg_get_serial_sequence(%s, 'id')"
        [[sequence]] = target.execute(query, [shape.name]).fetchall()
        if sequence is None:
            continue
        [last] = source.execute(f'SELECT max(id) FROM "{shape.name}"').fetchone()
        highest = max(last or 0, known.get(shape.name, 0))
        if highest:
            target.execute("SELECT setval(%s, %s)", [sequence, highest])


def _rows(source: sqlite3.Connection, shape: _Shape) -> Iterator[Sequence[Any]]:
    columns = ", ".join(f'"{name}"' for name in shape.columns)
    return iter(source.execute(f'SELECT {columns} FROM "{shape.name}"'))


def _told(value: Any, kind: str) -> Any:
    """Give a value of SQLite as COPY takes it."""
    if value is None or kind == "bytea":
        return value
    return f"{value}+00" if kind == _INSTANT else str(value)


def _plain(value: Any, kind: str) -> Any:
    """Give a value so that it is the same from both databases."""
    if value is None:
        return None
    if kind == _INSTANT:
        if isinstance(value, datetime):
            value = value.astimezone(UTC).replace(tzinfo=None)
        else:
            value = datetime.fromisoformat(value)
        return value.isoformat()
    if kind == "boolean":
        return bool(value)
    if kind in ("json", "jsonb"):
        parsed = json.loads(value) if isinstance(value, str) else value
        return json.dumps(parsed, sort_keys=True)
    if kind == "double precision":
        return float(value)
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, int | float | str) else repr(value)
