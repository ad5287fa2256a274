# SPDX-License-Identifier: AGPL-3.0-or-later
"""The directory's transactions: one of each kind, whose failures are sentences for IT."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from provisioning.database.engine import Database
from provisioning.directory.errors import DatabaseNotReady, DirectoryError
from provisioning.directory.rows import is_ready


@contextmanager
def reading(database: Database) -> Iterator[Session]:
    """Give a session that reads. Raises DirectoryError."""
    with _translated_errors(), database.read() as session:
        _require_tables(session)
        yield session


@contextmanager
def writing(database: Database) -> Iterator[Session]:
    """Give a session that writes, committed at the end. Raises DirectoryError."""
    with _translated_errors(), database.write() as session:
        _require_tables(session)
        yield session


def _require_tables(session: Session) -> None:
    if not is_ready(session):
        raise DatabaseNotReady(
            'the database has no tables yet: run "guichet-provision upgrade-database"'
        )


@contextmanager
def _translated_errors() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        raise DirectoryError(
            "somebody else changed the directory at the same time; nothing was changed,"
            " run the command again"
        ) from error
    except DBAPIError as error:
        raise DatabaseNotReady(f"the database cannot be used: {error.orig}") from error
