# SPDX-License-Identifier: AGPL-3.0-or-later
"""Writes single rows where somebody waits, past the ORM's unit of work.

The database does the same; a flush of one row costs five times as much around it. Where many
rows are written at once, `session.add` is the better way: it joins them in few statements.
"""

from functools import cache
from typing import Any, NamedTuple, cast

from sqlalchemy import Insert, Table, insert
from sqlalchemy.orm import Session, make_transient_to_detached

from provisioning.database.engine import Base


def insert_row(session: Session, model: type[Base], **values: Any) -> None:
    """Write a row that nobody looks at again in this session."""
    session.execute(_writing_of(model).statement, values)


def insert_kept(session: Session, row: Base) -> None:
    """Write a new row at once, give it its id, and keep it in the session as flushed.

    For tables whose key is one number that the database gives, and whose defaults are values.
    """
    writing = _writing_of(type(row))
    given = row.__dict__
    for name, value in writing.defaults.items():
        if name not in given:
            setattr(row, name, value)
    values = {name: value for name, value in given.items() if name in writing.defaults}
    row.id = session.scalar(writing.returning, values)  # type: ignore[attr-defined]
    make_transient_to_detached(row)
    session.add(row)


class _Writing(NamedTuple):
    statement: Insert
    returning: Insert
    # What each column but the key holds where nothing is said.
    defaults: dict[str, Any]


@cache
def _writing_of(model: type[Base]) -> _Writing:
    # Built once: to build a statement costs more than to run it.
    table = cast(Table, model.__table__)
    defaults = {
        column.name: getattr(column.default, "arg", None)
        for column in table.columns
        if not column.primary_key
    }
    statement = insert(table)
    # Without `inline`, PostgreSQL is asked for the key of the new row all the same.
    returning = statement.returning(*table.primary_key)
    return _Writing(statement.inline(), returning, defaults)
