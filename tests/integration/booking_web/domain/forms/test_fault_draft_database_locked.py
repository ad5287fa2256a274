# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fault: another process holds the database for three seconds, or for too long."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import make_url, text

from booking_web.domain.forms.draft_outcomes import Saved
from booking_web.domain.forms.draft_rows import history
from provisioning.database.engine import Database
from tests.factories.drafts import ANNE

LOCKED_SECONDS = 3.0


@contextmanager
def locked(database: Database) -> Iterator[None]:
    """Hold what a change of a draft needs, in the background, for three seconds."""
    is_held = threading.Event()

    def hold() -> None:
        if database.url.drivername == "sqlite":
            connection = sqlite3.connect(make_url(database.url).database or "")
            connection.isolation_level = None
            connection.execute("BEGIN IMMEDIATE")
            is_held.set()
            time.sleep(LOCKED_SECONDS)
            connection.close()
            return
        with database.engine.begin() as other:
            other.execute(text("LOCK TABLE draft IN EXCLUSIVE MODE"))
            is_held.set()
            time.sleep(LOCKED_SECONDS)

    holder = threading.Thread(target=hold)
    holder.start()
    assert is_held.wait(5)
    try:
        yield
    finally:
        holder.join()


def test_a_key_waits_and_is_kept_once(drafts, begun, either_database) -> None:
    started = time.monotonic()
    with locked(either_database):
        # What was kept is still read meanwhile.
        assert drafts.read(begun).values == {}
        assert time.monotonic() - started < LOCKED_SECONDS
        assert drafts.save_field(begun, 0, "nom", "Lefèvre", ANNE) == Saved(1)
    assert time.monotonic() - started >= LOCKED_SECONDS - 0.5
    assert drafts.read(begun).values == {"nom": "Lefèvre"}
    with either_database.read() as session:
        assert [each.field for each in history(session, begun)] == ["nom"]
