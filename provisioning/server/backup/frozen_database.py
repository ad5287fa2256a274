# SPDX-License-Identifier: AGPL-3.0-or-later
"""The database at one moment, of whichever kind it is, and what a manifest tells of it."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import URL

from provisioning.server.backup import postgresql_copy, sqlite_copy
from provisioning.server.backup.errors import BackupError


class FrozenDatabase(Protocol):
    """A database as it was at one moment, whatever is written meanwhile."""

    name: str

    def rows(self, question: str) -> list[tuple[Any, ...]]:
        """Give what is answered at that moment."""

    def tables(self) -> list[str]:
        """Name the tables."""

    def write_copy(self, target: Path) -> None:
        """Write it into a new file."""


def frozen(url: URL) -> AbstractContextManager[FrozenDatabase]:
    """Keep the database's state of now to be copied; nobody is kept from writing."""
    if url.get_backend_name() == "postgresql":
        return postgresql_copy.frozen(url)
    if url.get_backend_name() == "sqlite" and url.database:
        return sqlite_copy.frozen(Path(url.database))
    raise BackupError(f"a {url.get_backend_name()} database cannot be backed up")


def check_copy(file: Path) -> None:
    """Raise BackupError where a copy is damaged."""
    if file.name == postgresql_copy.NAME:
        postgresql_copy.check_whole(file)
    else:
        sqlite_copy.check_whole(file)


def count_rows(database: FrozenDatabase) -> dict[str, int]:
    """Count the rows of each table."""
    return {
        table: int(database.rows(f'SELECT count(*) FROM "{table}"')[0][0])
        for table in database.tables()
    }


def revisions(database: FrozenDatabase) -> list[str]:
    """Name the revisions of the schema; none where there is no schema yet."""
    if "alembic_version" not in database.tables():
        return []
    rows = database.rows("SELECT version_num FROM alembic_version")
    return sorted(str(number) for [number] in rows)


def wanted_contents(database: FrozenDatabase) -> set[str]:
    """Give the hashes of the documents that appointments have."""
    if "document" not in database.tables():
        return set()
    query = "SELECT DISTINCT sha256 FROM document WHERE removed_at IS NULL"
    return {str(digest) for [digest] in database.rows(query)}
