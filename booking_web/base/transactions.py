# SPDX-License-Identifier: AGPL-3.0-or-later
"""Runs a piece of work in one transaction, again where another transaction came first."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

import structlog
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from provisioning.database.engine import Database

Result = TypeVar("Result")

ATTEMPTS = 5
# Each attempt on SQLite already waits SQLITE_BUSY_TIMEOUT_MS for the lock.
LOCKED_ATTEMPTS = 3
# PostgreSQL: serialisation failure, deadlock.
_RETRIED_SQLSTATES = frozenset({"40001", "40P01"})

logger = structlog.get_logger(__name__)


class DatabaseBusy(Exception):
    """Another process held the database for longer than anybody should wait."""


def in_transaction(
    database: Database,
    work: Callable[[Session], Result],
    *,
    locked_attempts: int = LOCKED_ATTEMPTS,
) -> Result:
    """Give what `work` gives, committed.

    `work` must be safe to run again: on a conflict with another transaction it starts
    afresh and then sees what the other one wrote. Raises DatabaseBusy, after so many
    attempts at a database that another holds.
    """
    locked = 0
    attempt = 0
    while True:
        attempt += 1
        try:
            with database.write() as session:
                return work(session)
        except IntegrityError:
            if attempt >= ATTEMPTS:
                raise
        except OperationalError as error:
            if not is_passing(error):
                raise
            locked += 1
            if locked >= locked_attempts:
                raise DatabaseBusy from error
        logger.info("transaction repeated", attempt=attempt)
        time.sleep(random.uniform(0.01, 0.05))


def is_passing(error: OperationalError) -> bool:
    """Tell whether the same work, done anew, may well succeed: another came first."""
    sqlstate = getattr(error.orig, "sqlstate", None)
    if sqlstate is not None:
        return sqlstate in _RETRIED_SQLSTATES
    name = getattr(error.orig, "sqlite_errorname", "") or ""
    return name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))
