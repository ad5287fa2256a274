# SPDX-License-Identifier: AGPL-3.0-or-later
"""The one database of the system: engine, sessions, column types and naming.

Serves SQLite (embedded default) and PostgreSQL with one schema. No table lives here.
"""

import select
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Connection,
    DateTime,
    Dialect,
    Engine,
    ExceptionContext,
    MetaData,
    TypeDecorator,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

from provisioning.database.peer import connect_as_peer

# The key of `Session.info` under which the site's signing key is.
SIGNING_KEY = "signing_key"
# Of one process. All are kept: to open one costs more than a booking.
CONNECTIONS = 15
SQLITE_BUSY_TIMEOUT_MS = 5000
# Who waits for another process to have written asks so often at first, then more seldom.
SQLITE_EAGER_SECONDS = 0.05
SQLITE_EAGER_PAUSE_SECONDS = 0.0002
SQLITE_PATIENT_PAUSE_SECONDS = 0.005


class Base(DeclarativeBase):
    """The declarative base of every table, with named constraints for Alembic."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC instant; refuses naive values, gives aware ones back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        """Turn an aware value into UTC; SQLite stores it without its offset."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime refused: give a time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        """Give the stored instant as an aware UTC value."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value


class Database:
    """Opens the database of `url` and hands out sessions.

    `url` is an SQLAlchemy URL: `sqlite:////path/to/file` or `postgresql+psycopg://...`.
    `signing_key` is what the site signs new tokens of kiosks with; sessions carry it too
    (`Session.info`). Without one they are not signed.
    """

    def __init__(self, url: str, *, signing_key: str = "") -> None:
        self.signing_key = signing_key
        self.url = make_url(url)
        self.engine = _create_engine(url)
        self._writing_engine = self.engine.execution_options(sqlite_begin="IMMEDIATE")
        info = {SIGNING_KEY: signing_key}
        self._read = sessionmaker(
            _reading(self.engine), expire_on_commit=False, autoflush=False, info=info
        )
        self._write = sessionmaker(
            self._writing_engine, expire_on_commit=False, info=info
        )
        self._turn = threading.Lock() if self.engine.name == "sqlite" else None

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Give a session for reading; it holds no lock and is rolled back at the end."""
        with self._read() as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Give a session that commits at the end, or rolls back when the block raises.

        On SQLite it takes the write lock first (`BEGIN IMMEDIATE`), so a check followed by
        an insert can neither race nor fail half-way with "database is locked". Threads of
        this process take turns before they ask SQLite, which would wake none of them when
        the lock is free but have each sleep for ever longer.
        """
        with self._one_writer(), self._write.begin() as session:
            yield session

    @contextmanager
    def _one_writer(self) -> Iterator[None]:
        # Who waited in vain asks SQLite all the same: that tells what is wrong.
        turn = self._turn
        has_turn = turn is not None and turn.acquire(
            timeout=SQLITE_BUSY_TIMEOUT_MS / 1000
        )
        try:
            yield
        finally:
            if turn is not None and has_turn:
                turn.release()

    def dispose(self) -> None:
        """Close every pooled connection (call after a fork and at the end)."""
        self.engine.dispose()


def wait_for_turn(connection: Connection, turn: int) -> None:
    """Wait until no other transaction has this turn, and keep it until the end of this one.

    `turn` is any 64-bit number, the same for all who must not work at the same time. On
    SQLite whoever writes is alone anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": turn})


def _create_engine(url: str) -> Engine:
    engine = create_engine(
        url,
        pool_size=CONNECTIONS,
        max_overflow=0,
        # What a statement could not write is a resident's, and its error goes into the log.
        hide_parameters=True,
    )
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite_connection)
        event.listen(engine, "begin", _begin_sqlite_transaction)
    else:
        event.listen(engine, "checkout", _refuse_if_hung_up)
        event.listen(engine, "handle_error", _leave_out_details)
        connect_as_peer(engine)
    return engine


def _leave_out_details(context: ExceptionContext) -> None:
    """Take from an error what PostgreSQL repeats of the row that it could not write."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None and error.args:
            said, *others = error.args
            error.args = (str(said).partition("\nDETAIL:")[0], *others)


def _reading(engine: Engine) -> Engine:
    """Give the engine of sessions that only read.

    On PostgreSQL each statement of a transaction sees what is committed by then (READ
    COMMITTED), so a transaction around reads would only be two more round trips.
    """
    if engine.dialect.name == "sqlite":
        return engine
    return engine.execution_options(isolation_level="AUTOCOMMIT")


def _refuse_if_hung_up(dbapi_connection: Any, _record: Any, _proxy: Any) -> None:
    """Have the pool connect anew after the server ended a connection that lay idle.

    Nothing comes on such a connection but its end, so it is seen without asking the server.
    """
    waiting = select.poll()
    waiting.register(dbapi_connection.fileno(), select.POLLIN)
    if waiting.poll(0):
        raise InvalidatePoolError


def _prepare_sqlite_connection(dbapi_connection: Any, _record: Any) -> None:
    # The driver must not open transactions by itself: the "begin" event below chooses
    # between a deferred and an immediate one.
    dbapi_connection.isolation_level = None
    cursor = dbapi_connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={SQLITE_BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin_sqlite_transaction(connection: Connection) -> None:
    mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
    driver: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]
    if mode == "IMMEDIATE":
        _begin_writing(connection, driver)
    else:
        # Never waits and never fails: nothing is locked before the first statement.
        driver.execute(f"BEGIN {mode}")


def _begin_writing(connection: Connection, driver: sqlite3.Connection) -> None:
    """Take the write lock, soon after another process has let it go.

    SQLite's own waiting sleeps longer each time, up to a tenth of a second, while others
    take and leave the lock many times: two busy workers would idle half of their time.
    """
    began = now = time.monotonic()
    driver.execute("PRAGMA busy_timeout=0")
    try:
        while now - began < SQLITE_BUSY_TIMEOUT_MS / 1000:
            try:
                driver.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if not error.sqlite_errorname.startswith("SQLITE_BUSY"):
                    break
            is_eager = now - began < SQLITE_EAGER_SECONDS
            time.sleep(
                SQLITE_EAGER_PAUSE_SECONDS if is_eager else SQLITE_PATIENT_PAUSE_SECONDS
            )
            now = time.monotonic()
        # By way of SQLAlchemy, whose own error tells the callers.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        driver.execute(f"PRAGMA busy_timeout={SQLITE_BUSY_TIMEOUT_MS}")
