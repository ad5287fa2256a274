# SPDX-License-Identifier: AGPL-3.0-or-later
"""Counts attempts in the database, so that every web worker sees the same count.

`limits` keeps its counts in the memory of one process, or in a Redis that we do not have:
behind several gunicorn workers the first would multiply each limit by the workers.
"""

import hashlib
import time
from datetime import UTC, datetime
from typing import Any

from limits.storage import Storage
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import SQLAlchemyError

from booking_web.tables.rate_limits import RateLimit
from provisioning.database.engine import Database


class DatabaseStorage(Storage):
    """A storage of `limits` (fixed windows) on the table `rate_limit`."""

    STORAGE_SCHEME = ["guichet-database"]

    def __init__(
        self, uri: str | None = None, *, database: Database, **options: Any
    ) -> None:
        super().__init__(uri, **options)
        self._database = database

    @property
    def base_exceptions(self) -> type[Exception]:
        """Name what a failing storage raises."""
        return SQLAlchemyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count `amount` more for `key`; the window of `expiry` seconds starts at the first."""
        now = datetime.now(UTC)
        ends = datetime.fromtimestamp(now.timestamp() + expiry, UTC)
        is_sqlite = self._database.engine.dialect.name == "sqlite"
        insert = sqlite_insert if is_sqlite else postgresql_insert
        with self._database.write() as session:
            # Old windows go with the next attempt: the table stays as small as the attack.
            session.execute(delete(RateLimit).where(RateLimit.expires_at <= now))
            statement = insert(RateLimit).values(
                key=_digest(key), hits=amount, expires_at=ends
            )
            counted = statement.on_conflict_do_update(
                index_elements=[RateLimit.key],
                set_={"hits": RateLimit.hits + amount},
            ).returning(RateLimit.hits)
            return int(session.execute(counted).scalar_one())

    def get(self, key: str) -> int:
        """Give the count of `key` in its present window."""
        row = self._row(key)
        return row.hits if row else 0

    def get_expiry(self, key: str) -> float:
        """Give the end of the present window of `key`, in seconds of the epoch."""
        row = self._row(key)
        return row.expires_at.timestamp() if row else time.time()

    def check(self) -> bool:
        """Tell whether the table can be read."""
        try:
            self._row("")
        except SQLAlchemyError:
            return False
        return True

    def reset(self) -> int | None:
        """Forget every count; gives how many there were."""
        with self._database.write() as session:
            return len(
                session.scalars(delete(RateLimit).returning(RateLimit.key)).all()
            )

    def clear(self, key: str) -> None:
        """Forget the count of `key`."""
        with self._database.write() as session:
            session.execute(delete(RateLimit).where(RateLimit.key == _digest(key)))

    def _row(self, key: str) -> RateLimit | None:
        with self._database.read() as session:
            return session.scalar(
                select(RateLimit).where(
                    RateLimit.key == _digest(key),
                    RateLimit.expires_at > datetime.now(UTC),
                )
            )


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
