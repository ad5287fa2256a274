# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who writes to SQLite waits for who writes already, and leaves the connection as it was."""

import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from provisioning.database import engine as database_module
from provisioning.database.engine import SQLITE_BUSY_TIMEOUT_MS, Database


def test_a_writer_waits_until_another_has_written(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/one.db")
    with database.write() as session:
        session.execute(text("CREATE TABLE note (words TEXT)"))
    other = sqlite3.connect(
        tmp_path / "one.db", isolation_level=None, check_same_thread=False
    )
    other.execute("BEGIN IMMEDIATE")
    other.execute("INSERT INTO note VALUES ('first')")
    threading.Timer(0.1, other.execute, ("COMMIT",)).start()
    with database.write() as session:
        assert session.scalars(text("SELECT words FROM note")).all() == ["first"]
        timeout = session.scalar(text("PRAGMA busy_timeout"))
    assert timeout == SQLITE_BUSY_TIMEOUT_MS
    other.close()
    database.dispose()


def test_a_writer_who_waited_too_long_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "SQLITE_BUSY_TIMEOUT_MS", 50)
    database = Database(f"sqlite:///{tmp_path}/one.db")
    with database.read() as session:
        session.execute(text("SELECT 1"))
    other = sqlite3.connect(tmp_path / "one.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(OperationalError, match="locked"):
        with database.write() as session:
            session.execute(text("SELECT 1"))
    other.close()
    database.dispose()
