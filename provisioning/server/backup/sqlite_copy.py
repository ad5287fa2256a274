# SPDX-License-Identifier: AGPL-3.0-or-later
"""Copies of an SQLite database while others write in it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from provisioning.server.backup.errors import BackupError

NAME = "guichet.db"
_TABLES = (
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
)


class FrozenSqlite:
    """An SQLite database as it was at one moment, whatever is written meanwhile."""

    name = NAME

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, question: str) -> list[tuple[Any, ...]]:
        """Give what is answered at that moment."""
        return self._connection.execute(question).fetchall()

    def tables(self) -> list[str]:
        """Name the tables."""
        return sorted(str(name) for [name] in self.rows(_TABLES))

    def write_copy(self, target: Path) -> None:
        """Write it into a new file, and look whether that is whole."""
        target.unlink(missing_ok=True)
        try:
            with _open(f"{target.resolve().as_uri()}?mode=rwc") as copy:
                # Page by page in their places: what did not change is kept once.
                self._connection.backup(copy)
                # No other file belongs to the copy.
                copy.execute("PRAGMA journal_mode=DELETE").fetchone()
        except sqlite3.Error as error:
            raise BackupError(f"the database cannot be copied: {error}") from error
        check_whole(target)
        target.chmod(0o600)


@contextmanager
def frozen(file: Path) -> Iterator[FrozenSqlite]:
    """Keep the database's state of now to be copied; nobody is kept from writing."""
    if not file.is_file():
        raise BackupError(f"there is no database {file}")
    try:
        with _open(f"{file.resolve().as_uri()}?mode=rw") as source:
            source.execute("BEGIN")
            # The first statement takes the picture (WAL).
            source.execute(_TABLES).fetchall()
            yield FrozenSqlite(source)
    except sqlite3.Error as error:
        raise BackupError(f"the database {file} cannot be read: {error}") from error


def check_whole(file: Path) -> None:
    """Raise BackupError where a database is damaged."""
    try:
        with _open(f"{file.resolve().as_uri()}?mode=ro") as database:
            [answer] = database.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        answer = str(error)
    if answer != "ok":
        raise BackupError(f"the database {file} is damaged: {answer}")


@contextmanager
def _open(uri: str) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as connection:
        connection.execute("PRAGMA busy_timeout=60000")
        yield connection
